using System.Globalization;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Snapshots of containers by <c>forge snapshot</c>.</summary>
internal sealed class ForgeSnapshots(ContainerCli cli)
{
    /// <inheritdoc cref="ISnapshotsResources.CreateSnapshotAsync"/>
    public Task CreateAsync(
        ResourceRef resource,
        string name,
        DateTimeOffset? expiresAt,
        Guid requestId,
        IPluginLog log,
        CancellationToken cancel
    ) => CallAsync("create", resource, [.. Of(name, requestId), .. Expiry(expiresAt)], log, cancel);

    /// <inheritdoc cref="ISnapshotsResources.ListSnapshotsAsync"/>
    public async Task<IReadOnlyList<PluginSnapshot>> ListAsync(ResourceRef resource, CancellationToken cancel) =>
        ContainerCli.Read<List<PluginSnapshot>>(await CallAsync("list", resource, [], null, cancel));

    /// <inheritdoc cref="ISnapshotsResources.ListExpiredSnapshotsAsync"/>
    public async Task<IReadOnlyList<ExpiredSnapshot>> ListExpiredAsync(DateTimeOffset now, CancellationToken cancel)
    {
        string[] arguments = ["snapshot", "expired", "--at", Text(now)];
        var none = new Dictionary<string, string?>(StringComparer.Ordinal);
        var found = ContainerCli.Read<List<Expired>>(await cli.CallAsync(arguments, none, cli.Settings.CallTimeout, null, cancel));
        return [.. found.Where(e => e.Key is not null).Select(e => new ExpiredSnapshot(e.Key!, e.Name))];
    }

    /// <inheritdoc cref="ISnapshotsResources.RestoreSnapshotAsync"/>
    public Task RestoreAsync(ResourceRef resource, string name, Guid requestId, IPluginLog log, CancellationToken cancel) =>
        CallAsync("restore", resource, Of(name, requestId), log, cancel);

    /// <inheritdoc cref="ISnapshotsResources.DeleteSnapshotAsync"/>
    public Task DeleteAsync(ResourceRef resource, string name, IPluginLog log, CancellationToken cancel) =>
        CallAsync("delete", resource, ["--snapshot", name], log, cancel);

    private static string[] Of(string name, Guid requestId) => ["--snapshot", name, "--request", requestId.ToString()];

    private static string[] Expiry(DateTimeOffset? at) => at is { } time ? ["--expires", Text(time)] : [];

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    // Copies of large containers take as long as their creation.
    private Task<string> CallAsync(string command, ResourceRef resource, string[] more, IPluginLog? log, CancellationToken cancel) =>
        resource.ExternalId is null
            ? throw new ExternalSystemException(ExternalFailure.NotFound, "The container was never created.")
            : cli.CallAsync(
                ["snapshot", command, "--id", "{id}", "--key", "{key}", .. more],
                ContainerCli.Values(resource),
                log is null ? cli.Settings.CallTimeout : cli.Settings.CreateTimeout,
                log,
                cancel
            );

    private sealed record Expired(string? Key, string Name);
}
