using System.Text.Json;
using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Directories;

/// <summary>Starts a job that synchronizes users and roles with the LDAP directory.</summary>
[RequirePermission(Permission.UserManage)]
public sealed record SyncDirectory(bool DryRun) : IRequest<AcceptedJob>, IIdempotentCommand;

internal sealed class SyncDirectoryHandler(
    IWombatDbContext db,
    IMapper mapper,
    IDirectory directory,
    Actions actions,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<SyncDirectory, AcceptedJob>
{
    public async Task<AcceptedJob> Handle(SyncDirectory request, CancellationToken cancellationToken)
    {
        if (!directory.IsConfigured)
        {
            throw new ConflictException("directory_not_configured", "No LDAP directory is configured.");
        }

        var job = Job.Create(
            DirectorySyncJob.JobKind,
            context.Caller!.Actor,
            clock.GetUtcNow(),
            payload: JsonSerializer.Serialize(new DirectorySyncJobArgs(request.DryRun), WombatJson.Options)
        );
        db.Jobs.Add(job);
        await db.SaveChangesAsync(cancellationToken);
        return AcceptedJob.Of(job, mapper, actions);
    }
}
