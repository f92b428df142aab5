using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>What creating and changing a command have in common.</summary>
internal sealed class CommandWriting(IWombatDbContext db, ProjectAccessService projectAccess)
{
    /// <summary>Checks what the specification refers to, in the caller's transaction.</summary>
    /// <exception cref="ForbiddenException">A local command, which may be any program, is for admins.</exception>
    /// <exception cref="InvalidInputException">The workspace or a host does not exist or belongs to another project.</exception>
    public async Task EnsureAllowedAsync(CommandSpec spec, Guid? project, CancellationToken cancel)
    {
        EnsureKindAllowed(spec.Kind);
        await EnsureHostsAsync(spec, project, cancel);
        if (spec.WorkspaceId is not { } id)
        {
            return;
        }

        var workspace = await db.LockWorkspaceAsync(id, exclusive: false, cancel);
        if (workspace is null || workspace.ProjectId != project)
        {
            throw new InvalidInputException("workspace_id", "must be a workspace of the command's project");
        }
    }

    private async Task EnsureHostsAsync(CommandSpec spec, Guid? project, CancellationToken cancel)
    {
        // In one order, so that two commands cannot lock each other.
        foreach (var id in spec.HostIds.Order())
        {
            var host = await db.LockSshHostAsync(id, exclusive: false, cancel);
            if (host is null || host.ProjectId != project)
            {
                throw new InvalidInputException("host_ids", $"{id} must be a host of the command's project");
            }
        }
    }

    /// <exception cref="ForbiddenException">The caller may not manage commands of this kind.</exception>
    public void EnsureKindAllowed(CommandKind kind)
    {
        if (kind == CommandKind.Local && !projectAccess.HasFullAccess)
        {
            throw new ForbiddenException(
                ErrorCode.Forbidden,
                "Only an admin can manage a local command: it runs any program on the machine of Wombat."
            );
        }
    }
}
