using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;

namespace Wombat.Application.Directories;

/// <summary>Starts a job that synchronizes users and roles with the LDAP directory.</summary>
[RequirePermission(Permission.UserManage)]
public sealed record SyncDirectory(bool DryRun) : IRequest<AcceptedJob>, IIdempotentCommand;

internal sealed class SyncDirectoryHandler(IWombatDbContext db, IMapper mapper, IDirectory directory, JobActions actions, JobScheduler jobs)
    : IRequestHandler<SyncDirectory, AcceptedJob>
{
    public async Task<AcceptedJob> Handle(SyncDirectory request, CancellationToken cancellationToken)
    {
        if (!directory.IsConfigured)
        {
            throw new ConflictException(ErrorCode.DirectoryNotConfigured, "No LDAP directory is configured.");
        }

        var job = jobs.Enqueue(DirectorySyncJob.Kind, new DirectorySyncJobArgs(request.DryRun));
        await db.SaveChangesAsync(cancellationToken);
        return AcceptedJob.Of(job, mapper, actions);
    }
}
