using AutoMapper;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>
/// What creating, changing and deleting commands singly and by an import have in common. The caller saves the changes with their events.
/// </summary>
internal sealed class CommandWriting(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    ProjectAccessService projectAccess,
    TimeProvider clock
)
{
    /// <summary>Adds a command that was checked.</summary>
    public CommandDto Create(string name, Guid? project, CommandSpec spec)
    {
        var command = Command.Create(name, project, spec, clock.GetUtcNow());
        db.Commands.Add(command);
        var after = mapper.Map<CommandDto>(command);
        auditLog.Record(EventAction.CommandCreated, "command", command.Id, command.ProjectId, after: after);
        return after;
    }

    /// <summary>Replaces what a command executes by what was checked.</summary>
    public CommandDto Change(Command command, string name, CommandSpec spec)
    {
        var before = mapper.Map<CommandDto>(command);
        command.Change(name, spec, clock.GetUtcNow());
        var after = mapper.Map<CommandDto>(command);
        auditLog.Record(EventAction.CommandUpdated, "command", command.Id, command.ProjectId, before, after);
        return after;
    }

    public void Delete(Command command)
    {
        db.Commands.Remove(command);
        auditLog.Record(EventAction.CommandDeleted, "command", command.Id, command.ProjectId, before: mapper.Map<CommandDto>(command));
    }

    /// <summary>Checks that what the specifications refer to exists, and locks it until the caller's transaction ends.</summary>
    /// <exception cref="InvalidInputException">A workspace or a host does not exist or belongs to another project.</exception>
    public async Task EnsureReferencesAsync(IReadOnlyCollection<CommandSpec> specs, Guid? project, CancellationToken cancel)
    {
        // In one order, so that two requests cannot lock each other.
        foreach (var id in specs.SelectMany(s => s.HostIds).Distinct().Order())
        {
            var host = await db.LockSshHostAsync(id, exclusive: false, cancel);
            if (host is null || host.ProjectId != project)
            {
                throw new InvalidInputException("host_ids", $"{id} must be a host of the command's project");
            }
        }

        foreach (var id in specs.Select(s => s.WorkspaceId).OfType<Guid>().Distinct().Order())
        {
            var workspace = await db.LockWorkspaceAsync(id, exclusive: false, cancel);
            if (workspace is null || workspace.ProjectId != project)
            {
                throw new InvalidInputException("workspace_id", "must be a workspace of the command's project");
            }
        }
    }

    /// <exception cref="ForbiddenException">A local command, which may be any program, is for admins.</exception>
    public void EnsureKindAllowed(string name, CommandKind kind)
    {
        if (kind == CommandKind.Local && !projectAccess.HasFullAccess)
        {
            throw new ForbiddenException(
                ErrorCode.Forbidden,
                $"Only an admin can manage the local command {name}: it runs any program on the machine of Wombat."
            );
        }
    }
}
