using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.LocalPostgres;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.LocalPostgres;

/// <summary>The plugin on a folder of its own. What it started is stopped in the end.</summary>
internal sealed class LocalPostgresBed : IAsyncDisposable
{
    private static int ports = 16500 + (Environment.ProcessId % 100 * 100);
    private readonly List<LocalPostgresPlugin> plugins = [];

    public LocalPostgresBed(Func<LocalPostgresOptions, LocalPostgresOptions>? change = null)
    {
        var first = Interlocked.Add(ref ports, 20);
        Options = new LocalPostgresOptions
        {
            Instance = "local-postgres",
            Folder = Path.Combine(Folder.Path, "databases"),
            Address = IPAddress.Loopback,
            Host = "127.0.0.1",
            Ports = (first, first + 400),
            Prepared = 0,
            MinFreeMib = 0,
        };
        Options = change?.Invoke(Options) ?? Options;
        Plugin = NewPlugin();
    }

    public TestFolder Folder { get; } = new();

    public LocalPostgresOptions Options { get; set; }

    public LocalPostgresPlugin Plugin { get; private set; }

    public TestLog Log { get; } = new();

    public TierSpec Tier { get; set; } = new() { MaxConnections = 10, BackupSchedule = "0 0 1 1 *" };

    /// <summary>Replaces the plugin, as a Wombat that starts again would.</summary>
    public async Task<LocalPostgresPlugin> RestartWombatAsync()
    {
        await Plugin.DisposeAsync();
        return Plugin = NewPlugin();
    }

    public ProvisionRequest<DatabaseSpec> Request(DatabaseOrigin? origin = null, string? key = null) =>
        new(
            new ResourceRef("database", key ?? $"wombat-{Guid.NewGuid():N}", "team-orders", null),
            new DatabaseSpec("dev") { Settings = Tier, Origin = origin }
        );

    public async Task<ResourceRef> CreateAsync(DatabaseOrigin? origin = null)
    {
        var request = Request(origin);
        var observation = await Plugin.ProvisionAsync(request, Log, default);
        Assert.That(observation.State, Is.EqualTo(ObservedState.Running), observation.Note);
        return request.Resource with { ExternalId = observation.ExternalId };
    }

    public InstanceFolder FolderOf(ResourceRef database) => new(Path.Combine(Options.Folder, database.ExternalKey));

    public ProvisionRequest<DatabaseSpec> RequestFor(ResourceRef database) => new(database, new DatabaseSpec("dev") { Settings = Tier });

    /// <summary>Gives a database another tier, which is that of the requests from then on.</summary>
    public async Task<ResourceObservation> ResizeAsync(ResourceRef database, TierSpec tier)
    {
        var before = RequestFor(database);
        var request = before with { Spec = before.Spec with { Settings = tier } };
        var resized = await Plugin.ResizeAsync(request, before.Spec, Log, default);
        Tier = tier;
        return resized;
    }

    public int ServerOf(ResourceRef database) => FindServer(database) ?? throw new InvalidOperationException("The server does not run.");

    /// <summary>The process of its server; null while it does not run.</summary>
    public int? FindServer(ResourceRef database) => new Infrastructure.Postgres.PostmasterPidFile(FolderOf(database).Data).FindServer();

    public Task UntilStateAsync(ResourceRef database, ObservedState state) =>
        Eventually.GetAsync(
            async () => (await Plugin.ListAsync(default)).Find(database),
            o => o.State == state,
            $"the database is {state}"
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var plugin in plugins)
        {
            await plugin.DisposeAsync();
        }

        await Plugin.StopAllAsync(default);
        Folder.Dispose();
    }

    private LocalPostgresPlugin NewPlugin()
    {
        var plugin = new LocalPostgresPlugin(Options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        plugins.Add(plugin);
        return plugin;
    }
}
