using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Local containers by Wombat.Forge, which also measures, renames and rebuilds them, and runs commands in them.</summary>
internal sealed class LxcForgePlugin(ContainerCli cli)
    : ForgeProxmoxPlugin(cli),
        IExecutesCommands,
        IMeasuresContainers,
        IOpensConsoles,
        IRebuildsResources,
        IRenamesResources
{
    private readonly ForgeSessions sessions = new(cli);

    public Task<CommandOutcome> ExecuteAsync(ResourceRef resource, CommandRequest command, IPluginLog log, CancellationToken cancel) =>
        sessions.ExecuteAsync(resource, command, log, cancel);

    public Task<int> OpenConsoleAsync(ResourceRef resource, ConsoleSize size, IConsoleClient client, CancellationToken cancel) =>
        sessions.OpenConsoleAsync(resource, size, client, cancel);

    public async Task<IReadOnlyDictionary<string, ContainerUsage>> MeasureAsync(CancellationToken cancel) =>
        (await AskAsync<List<Usage>>("usage", cancel))
            .Where(u => u.Key is not null)
            .DistinctBy(u => u.Key, StringComparer.Ordinal)
            .ToDictionary(
                u => u.Key!,
                u => new ContainerUsage(u.Started, u.CpuMs, u.Memory, u.Disk, u.Received, u.Sent, u.Processes),
                StringComparer.Ordinal
            );

    private sealed record Usage(
        string? Key,
        long? Started,
        long? CpuMs,
        long? Memory,
        long? Disk,
        long? Received,
        long? Sent,
        long? Processes
    );

    // It may build the image first, as a creation does.
    public async Task<ResourceObservation> RebuildAsync(ResourceRef resource, Guid requestId, IPluginLog log, CancellationToken cancel)
    {
        await Cli.CallAsync(
            ["rebuild", "--id", "{id}", "--key", "{key}", "--request", requestId.ToString()],
            ContainerCli.Values(resource),
            Settings.CreateTimeout,
            log,
            cancel
        );
        return await StatusAsync(resource, cancel);
    }

    public Task RenameAsync(ResourceRef resource, string hostname, IPluginLog log, CancellationToken cancel) =>
        Cli.CallAsync(
            ["rename", "--id", "{id}", "--key", "{key}", "--hostname", hostname],
            ContainerCli.Values(resource),
            Settings.CallTimeout,
            log,
            cancel
        );
}
