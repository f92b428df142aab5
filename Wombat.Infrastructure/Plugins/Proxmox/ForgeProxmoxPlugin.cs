using System.Text.Json;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>
/// Containers by Wombat.Forge, which stores the resource's key, lists containers, makes snapshots of them, and reports its health.
/// </summary>
internal abstract class ForgeProxmoxPlugin(ContainerCli cli)
    : OperableProxmoxPlugin(cli),
        IListsResources,
        IListsContainers,
        IOffersTemplates,
        ISetsKeys,
        IResizesContainers,
        ISnapshotsResources,
        IStopsLocalResources
{
    private static readonly Dictionary<string, string?> NoValues = [];
    private static readonly TimeSpan LongestKeys = TimeSpan.FromSeconds(20);

    private readonly ForgeSnapshots snapshots = new(cli);

    public override bool SupportsLookupByKey => true;

    public bool IsExclusive => Settings.IsExclusive;

    // A program that hangs inside a container must not occupy a worker for long.
    private TimeSpan KeysTimeout => Settings.CallTimeout < LongestKeys ? Settings.CallTimeout : LongestKeys;

    public override async Task<PluginHealth> HealthAsync(CancellationToken cancel)
    {
        try
        {
            return await AskAsync<PluginHealth>("health", cancel);
        }
        catch (ExternalSystemException e)
        {
            return new PluginHealth(Healthy: false, e.Message);
        }
    }

    public async Task<ResourceListing> ListAsync(CancellationToken cancel) =>
        new([.. (await ListContainersAsync(cancel)).Select(c => c.Resource)]);

    public async Task<IReadOnlyList<ListedContainer>> ListContainersAsync(CancellationToken cancel)
    {
        var found = new List<ListedContainer>();
        foreach (var element in await AskAsync<List<Dictionary<string, JsonElement>>>("list", cancel))
        {
            // An invalid entry must not make its container look missing.
            if (CliAnswer.From(element) is not { Id: not null, State: { } state } one)
            {
                throw ContainerCli.NotUnderstood();
            }

            if (one.Key is not null || state == ObservedState.Unknown)
            {
                found.Add(new ListedContainer(new ListedResource(one.Key, one.Name, one.ToObservation(state, one.Id)), one.Spec));
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<PluginTemplate>> TemplatesAsync(CancellationToken cancel) =>
        await AskAsync<List<PluginTemplate>>("templates", cancel);

    public async Task SetKeysAsync(ResourceRef resource, IReadOnlyList<string> sshKeys, IPluginLog log, CancellationToken cancel)
    {
        using var files = new CallFiles(Settings.DataDirectory);
        files.WriteKeys(sshKeys);
        var values = ContainerCli.Values(resource, files: files);
        await Cli.CallAsync(
            ["keys", "--id", "{id}", "--key", "{key}", "--ssh-key-file", "{ssh_key_file}"],
            values,
            KeysTimeout,
            log,
            cancel
        );
    }

    public async Task<ResourceObservation> ResizeAsync(ResourceRef resource, ContainerSize size, IPluginLog log, CancellationToken cancel)
    {
        var values = ContainerCli.Values(resource, new ContainerSpec("", size.Cpu, size.Memory, size.Disk));
        await Cli.CallAsync(
            ["resize", "--id", "{id}", "--key", "{key}", "[--cpu {cpu}]", "[--memory {memory}]", "[--disk {disk}]"],
            values,
            Settings.CallTimeout,
            log,
            cancel
        );
        return await StatusAsync(resource, cancel);
    }

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

    public async Task<int> StopAllAsync(CancellationToken cancel)
    {
        if (!IsHostBound)
        {
            return 0;
        }

        var running = (await ListAsync(cancel))
            .All.Where(r => r.ExternalKey is not null && r.Observation.State == ObservedState.Running)
            .ToList();
        foreach (var container in running)
        {
            var resource = new ResourceRef(
                "container",
                container.ExternalKey!,
                container.ExternalName ?? "",
                container.Observation.ExternalId
            );
            await Cli.CallAsync(Settings.StopArguments, ContainerCli.Values(resource), Settings.CallTimeout, null, cancel);
        }

        await RemoveNetworksAsync(cancel);
        return running.Count;
    }

    private async Task RemoveNetworksAsync(CancellationToken cancel)
    {
        try
        {
            await Cli.CallAsync(["network", "down"], NoValues, Settings.CallTimeout, null, cancel);
        }
        catch (ExternalSystemException e) when (e.Kind == ExternalFailure.Invalid)
        {
            // Another program of forge's dialect without networks.
        }
    }

    protected override async Task<ResourceObservation?> FindAsync(ResourceRef resource, CancellationToken cancel)
    {
        var listing = await ListAsync(cancel);
        var found = listing.Find(resource);
        return found.State == ObservedState.Unknown
                ? throw new ExternalSystemException(
                    ExternalFailure.Unavailable,
                    $"Cannot read the state of {resource.ExternalName}: {found.Note}"
                )
            : listing.CopiesOf(resource) is { Count: > 0 } copies && found.State == ObservedState.Missing
                ? throw new ExternalSystemException(
                    ExternalFailure.Conflict,
                    $"{resource.ExternalId} does not exist, but {string.Join(", ", copies)} has its key: a copy made outside "
                        + "Wombat. Delete the copy first."
                )
            : found;
    }

    // The delete command checks the key.
    protected override Task EnsureIsOursAsync(ResourceRef resource, CancellationToken cancel) => Task.CompletedTask;

    protected async Task<T> AskAsync<T>(string command, CancellationToken cancel) =>
        ContainerCli.Read<T>(await Cli.CallAsync([command], NoValues, Settings.CallTimeout, null, cancel));
}
