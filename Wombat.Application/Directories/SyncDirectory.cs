using System.Text.Json;
using MediatR;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>Asks for a sync with the LDAP directory, a job.</summary>
[Requires(Permission.UserManage)]
public sealed record SyncDirectory(bool DryRun) : IRequest<Guid>, ICreates;

internal sealed class SyncDirectoryHandler(IWombatDbContext db, IDirectory directory, RequestContext context, TimeProvider clock) : IRequestHandler<SyncDirectory, Guid>
{
    public async Task<Guid> Handle(SyncDirectory request, CancellationToken cancellationToken)
    {
        if (!directory.IsConfigured)
        {
            throw new ConflictException("directory_not_configured", "No LDAP directory is configured.");
        }

        var job = Job.Create(DirectorySyncJob.JobKind, context.Caller!.Actor, clock.GetUtcNow(), payload: JsonSerializer.Serialize(new DirectorySyncOrder(request.DryRun), WombatJson.Options));
        db.Jobs.Add(job);
        await db.SaveChangesAsync(cancellationToken);
        return job.Id;
    }
}
