using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;

namespace Wombat.Application.Commands;

/// <summary>The workspaces and hosts of a project, by which a document of commands names what their ids are here.</summary>
internal sealed class CommandReferences
{
    private readonly Dictionary<Guid, string> workspaceNames;
    private readonly Dictionary<Guid, string> hostNames;
    private readonly Dictionary<string, Guid> workspaces;
    private readonly Dictionary<string, Guid> hosts;

    private CommandReferences(Dictionary<Guid, string> workspaceNames, Dictionary<Guid, string> hostNames)
    {
        (this.workspaceNames, this.hostNames) = (workspaceNames, hostNames);
        workspaces = workspaceNames.ToDictionary(w => w.Value, w => w.Key, StringComparer.Ordinal);
        hosts = hostNames.ToDictionary(h => h.Value, h => h.Key, StringComparer.Ordinal);
    }

    /// <param name="project">Null for those of the platform.</param>
    public static async Task<CommandReferences> ReadAsync(IWombatDbContext db, Guid? project, CancellationToken cancel) =>
        new(
            await db.Workspaces.Where(w => w.ProjectId == project).ToDictionaryAsync(w => w.Id, w => w.Name, cancel),
            await db
                .SshHosts.Where(h => h.ProjectId == project)
                .Select(h => new { h.Id, h.Name })
                .ToDictionaryAsync(h => h.Id, h => h.Name, cancel)
        );

    /// <summary>Its id, if it was deleted while this was read.</summary>
    public string WorkspaceName(Guid id) => workspaceNames.GetValueOrDefault(id) ?? id.ToString();

    /// <inheritdoc cref="WorkspaceName"/>
    public string HostName(Guid id) => hostNames.GetValueOrDefault(id) ?? id.ToString();

    public Guid? FindWorkspace(string name) => workspaces.TryGetValue(name, out var id) ? id : null;

    public Guid? FindHost(string name) => hosts.TryGetValue(name, out var id) ? id : null;
}
