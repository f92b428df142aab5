using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Binds the resources of host-bound plugins to their host. Only that host claims the jobs of a resource with a host.</summary>
internal sealed class HostPlacement(IWombatDbContext db, HostIdentity here)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Saves the host of the resource before anything is created, so that the next attempt runs here as well.
    /// </summary>
    /// <exception cref="JobSnoozedException">The resource has no recorded host and is not on this one.</exception>
    public async Task EnsureLocalAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        if (!plugin.IsHostBound || resource.HostId is not null)
        {
            return;
        }

        // Without an id, nothing has been created as far as is known.
        if (resource.ExternalId is not null && (await plugin.StatusAsync(resource.Reference, cancel)).State == ObservedState.Missing)
        {
            if (run.Progress is null)
            {
                await run.Log.WriteAsync(
                    $"{resource.ExternalName} is not on the host {here.Name}; waiting for the host that has it",
                    cancel
                );
            }

            throw new JobSnoozedException(RetryDelay, progress: 0);
        }

        resource.AssignHost(here);
        await db.SaveChangesAsync(cancel);
    }
}
