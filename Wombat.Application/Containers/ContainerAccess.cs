using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>Finds a container with its plugin, for use cases that ask the plugin directly.</summary>
internal sealed class ContainerAccess(IWombatDbContext db, PluginRegistry plugins, HostIdentity here)
{
    /// <param name="verb">What is to be done, for the message of a conflict.</param>
    /// <exception cref="NotFoundException">There is no such container.</exception>
    /// <exception cref="ConflictException">The state does not allow it.</exception>
    /// <exception cref="ExternalSystemException">The container is on another host, or its plugin is not configured here.</exception>
    public async Task<(Container Container, IPlugin Plugin)> FindAsync(
        Guid projectId,
        Guid id,
        string verb,
        IReadOnlyList<ResourceStatus> allowedIn,
        CancellationToken cancel
    )
    {
        var container =
            await db.Containers.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id && c.ProjectId == projectId, cancel)
            ?? throw new NotFoundException(Container.KindName);
        container.EnsureOperable(verb, allowedIn);
        var plugin = plugins.Get(container.Plugin);
        return plugin.IsHostBound && container.HostId != here.Id
            ? throw new ExternalSystemException(
                ExternalFailure.Unavailable,
                $"The container is on the host {container.HostName}; send the request to the Wombat there."
            )
            : (container, plugin);
    }
}
