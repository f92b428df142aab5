using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Local containers by Wombat.Forge, which can also run commands and consoles in them and make snapshots of them.</summary>
internal sealed class LxcForgePlugin(ContainerCli cli) : ForgeProxmoxPlugin(cli), IExecutesCommands, IOpensConsoles, ISnapshotsResources
{
    private readonly ForgeSessions sessions = new(cli);
    private readonly ForgeSnapshots snapshots = new(cli);

    public Task<CommandOutcome> ExecuteAsync(ResourceRef resource, CommandRequest command, IPluginLog log, CancellationToken cancel) =>
        sessions.ExecuteAsync(resource, command, log, cancel);

    public Task<int> OpenConsoleAsync(ResourceRef resource, ConsoleSize size, IConsoleClient client, CancellationToken cancel) =>
        sessions.OpenConsoleAsync(resource, size, client, cancel);

    public Task CreateSnapshotAsync(
        ResourceRef resource,
        string name,
        DateTimeOffset? expiresAt,
        Guid requestId,
        IPluginLog log,
        CancellationToken cancel
    ) => snapshots.CreateAsync(resource, name, expiresAt, requestId, log, cancel);

    public Task<IReadOnlyList<PluginSnapshot>> ListSnapshotsAsync(ResourceRef resource, CancellationToken cancel) =>
        snapshots.ListAsync(resource, cancel);

    public Task<IReadOnlyList<ExpiredSnapshot>> ListExpiredSnapshotsAsync(DateTimeOffset now, CancellationToken cancel) =>
        snapshots.ListExpiredAsync(now, cancel);

    public async Task<ResourceObservation> RestoreSnapshotAsync(
        ResourceRef resource,
        string name,
        Guid requestId,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        await snapshots.RestoreAsync(resource, name, requestId, log, cancel);
        return await StatusAsync(resource, cancel);
    }

    public Task DeleteSnapshotAsync(ResourceRef resource, string name, IPluginLog log, CancellationToken cancel) =>
        snapshots.DeleteAsync(resource, name, log, cancel);
}
