using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Keeps the resources of host-bound plugins to the host that has them. Jobs of a resource with a host are claimed on that host alone.</summary>
internal sealed class HostPlacement(IWombatDbContext db, HostIdentity here)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Saves the resource's host before anything is made, so that whatever becomes of this attempt, the next one runs here.
    /// </summary>
    /// <exception cref="JobSnoozedException">The resource is older than hosts are recorded, and it is not on this host.</exception>
    public async Task EnsureHereAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        if (!plugin.IsHostBound || resource.HostId is not null)
        {
            return;
        }

        // Without an id nothing is known to have been made yet.
        if (resource.ExternalId is not null && (await plugin.StatusAsync(resource.Reference, cancel)).State == ObservedState.Missing)
        {
            if (run.Progress is null)
            {
                await run.Log.WriteAsync(
                    $"{resource.ExternalName} is not on the host {here.Name}; the job waits for the host that has it",
                    cancel
                );
            }

            throw new JobSnoozedException(AskAgain, progress: 0);
        }

        resource.PlaceOn(here);
        await db.SaveChangesAsync(cancel);
    }
}
