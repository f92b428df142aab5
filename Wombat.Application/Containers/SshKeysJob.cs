using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>Installs the current SSH keys in a running container. A failure does not change the container; the reconciler enqueues the job again.</summary>
internal sealed class SshKeysJob(IWombatDbContext db, PluginRegistry plugins, ProjectSshKeys keys) : IJobHandler
{
    /// <summary>Members cannot cancel it, since it revokes the access of former members; it runs before other jobs of the container.</summary>
    public static readonly JobKind Kind = new("resource.keys", Permission.ContainerOperate)
    {
        Cancel = Permission.JobManage,
        Options = new JobOptions(Priority: Job.Urgent),
    };

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var container = await db.Containers.AsNoTracking().SingleAsync(c => c.Id == run.ResourceId, cancel);
        if (container.Status != ResourceStatus.Running)
        {
            await run.Log.WriteAsync(
                $"Nothing to do: {container.Name} is {container.Status.ToString().ToLowerInvariant()}; its keys are installed when it starts.",
                cancel
            );
            return;
        }

        if (!await keys.CanChangeAsync(container, cancel))
        {
            await run.Log.WriteAsync($"Nothing to do: the keys of a running {container.Spec.Template} cannot be replaced.", cancel);
            return;
        }

        var all = await keys.ForContainerAsync(container, cancel);
        if (all.Digest == container.InstalledKeys)
        {
            await run.Log.WriteAsync($"Nothing to do: {container.Name} already has these {Count(all)}.", cancel);
            return;
        }

        // From here on the installed keys are unknown, whatever the result of the call.
        await SetInstalledAsync(container.Id, null, cancel);
        await ((ISetsKeys)plugins.Get(container.Plugin)).SetKeysAsync(container.Reference, all.Lines, new PluginLog(run.Log), cancel);
        await SetInstalledAsync(container.Id, all.Digest, cancel);
        await run.Log.WriteAsync($"Installed {Count(all)} in {container.Name}.", cancel);
        await LogLeftOutAsync(run.Log, all, cancel);
    }

    public static async Task LogLeftOutAsync(IJobLog log, ContainerKeys keys, CancellationToken cancel)
    {
        if (keys.LeftOut.Count > 0)
        {
            await log.WriteAsync(
                $"Left out {keys.LeftOut.Count} SSH keys: a container can have {ContainerKeys.BytesMax / 1024} KiB of keys.",
                cancel
            );
        }
    }

    private Task SetInstalledAsync(Guid container, string? digest, CancellationToken cancel) =>
        db.Containers.Where(c => c.Id == container).ExecuteUpdateAsync(set => set.SetProperty(c => c.InstalledKeys, digest), cancel);

    private static string Count(ContainerKeys keys) => keys.Keys.Count == 1 ? "1 SSH key" : $"{keys.Keys.Count} SSH keys";
}
