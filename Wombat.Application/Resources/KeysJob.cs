using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Gives a running container the keys that it should have now. Its failure says nothing about the container, which stays as it is.</summary>
[JobKind(ResourceJobKinds.Keys)]
internal sealed class KeysJob(IWombatDbContext db, PluginRegistry plugins, MemberKeys keys) : IJobHandler
{
    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var container = await db.Containers.AsNoTracking().SingleAsync(c => c.Id == run.ResourceId, cancel);
        if (container.Status != ResourceStatus.Running)
        {
            await run.Log.WriteAsync($"nothing to do: {container.Name} is {container.Status.ToString().ToLowerInvariant()}; it gets its keys when it starts", cancel);
        }
        else if (!await keys.CanChangeAsync(container, cancel))
        {
            await run.Log.WriteAsync($"nothing to do: the keys of a running {container.Template} cannot be replaced", cancel);
        }
        else
        {
            var all = await keys.OfAsync(container, cancel);
            await ((ISetsKeys)plugins.Get(container.Plugin)).SetKeysAsync(container.Reference, all, new PluginLog(run.Log), cancel);
            await run.Log.WriteAsync($"{container.Name} opens to {all.Count} keys", cancel);
        }
    }
}
