using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Moq;
using Wombat.Application;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Reconciliation;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Reconciliation;

/// <summary>Passes over one plugin instance, with rows in a real PostgreSQL and a clock that the tests move.</summary>
public sealed class PluginReconcilerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly ConcurrentQueue<string> log = new();
    private MovingClock clock = null!;
    private ServiceProvider services = null!;
    private readonly List<Guid> containers = [];
    private Guid container;

    [SetUp]
    public async Task Start()
    {
        log.Clear();
        containers.Clear();
        clock = new MovingClock();
        var settings = WombatSettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false" },
            new Dictionary<string, string>(StringComparer.Ordinal)
        );
        services = new ServiceCollection()
            .AddLogging(l =>
                l.AddProvider(new CollectingLoggers(log))
                    .AddFilter((category, _) => category!.Contains("Reconciliation", StringComparison.Ordinal))
            )
            .AddApplication()
            .AddInfrastructure(settings, await SharedPostgres.NewDatabaseAsync())
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton(new HostIdentity(Guid.NewGuid(), "here"))
            .BuildServiceProvider();
        await services.GetRequiredService<Migrator>().MigrateAsync(default);
        container = await AddContainerAsync();
    }

    [TearDown]
    public Task Stop() => services.DisposeAsync().AsTask();

    [Test]
    public async Task Run_WhenAResourceChanged_RecordsStatusAndAddress()
    {
        var plugin = new Mock<IProvisioner<ContainerSpec>>();
        var reconciler = New(plugin);
        Reports(plugin, new ResourceObservation(ObservedState.Running, "7") { Endpoints = [new ResourceEndpoint("host", "192.0.2.7")] });
        await reconciler.RunAsync(default);
        Assert.That((await LoadAsync()).IpAddress, Is.EqualTo("192.0.2.7"));
        Assert.That(log, Has.One.EndsWith("IP address changed to 192.0.2.7"));

        clock.Move(Interval);
        Reports(plugin, ResourceObservation.Missing);
        await reconciler.RunAsync(default);
        var missing = await LoadAsync();
        Assert.That(
            (missing.Status, missing.StatusReason),
            Is.EqualTo(
                (ResourceStatus.Missing, "The container no longer exists on the host. Delete this entry and create a new container.")
            )
        );
    }

    [Test]
    public async Task Run_WhenAResourceStaysInError_QueriesItLessAndLessOften()
    {
        var plugin = new Mock<IProvisioner<ContainerSpec>>();
        var reconciler = New(plugin);
        plugin
            .Setup(p => p.StatusAsync(It.IsAny<ResourceRef>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new ExternalSystemException(ExternalFailure.Unavailable, "the node is down"));
        for (var pass = 0; pass < 40; pass++)
        {
            await reconciler.RunAsync(default);
            clock.Move(Interval);
        }

        // After 0, 3, 9, 21, 45 and 93 of the 120 seconds.
        plugin.Verify(p => p.StatusAsync(It.IsAny<ResourceRef>(), It.IsAny<CancellationToken>()), Times.Exactly(6));
        Assert.That(
            log.Where(l => l.Contains("cannot report", StringComparison.Ordinal)).ToList(),
            Has.Count.EqualTo(1),
            "the failure is logged once"
        );

        Reports(plugin, new ResourceObservation(ObservedState.Stopped, "7"));
        await ChangeAsync(c => c.AssignHost(new HostIdentity(Guid.NewGuid(), "here")));
        await reconciler.RunAsync(default);
        Assert.That((await LoadAsync()).Status, Is.EqualTo(ResourceStatus.Stopped), "a change of the resource makes it due at once");
        Assert.That(log, Has.One.Contains("reports the state of").And.Contains("again"));
    }

    [Test]
    public async Task Run_WhenListingFails_LogsTheChangeOfHealthOnce()
    {
        var plugin = new Mock<IProvisioner<ContainerSpec>>();
        var lists = plugin.As<IListsResources>();
        var reconciler = New(plugin);
        lists
            .Setup(p => p.ListAsync(It.IsAny<CancellationToken>()))
            .ThrowsAsync(new ExternalSystemException(ExternalFailure.Unavailable, "no route"));
        await RepeatAsync(reconciler, 3);
        Assert.That((await LoadAsync()).Status, Is.EqualTo(ResourceStatus.Running), "the last status is kept");

        lists
            .Setup(p => p.ListAsync(It.IsAny<CancellationToken>()))
            .Returns(async () =>
            {
                var known = await LoadAsync();
                return new ResourceListing([
                    new ListedResource(known.ExternalKey, known.ExternalName, new ResourceObservation(ObservedState.Running, "7")),
                ]);
            });
        await RepeatAsync(reconciler, 3);
        Assert.That(
            log.Select(l => l.Contains("cannot be listed", StringComparison.Ordinal)),
            Is.EqualTo(new[] { true, false }),
            string.Join('\n', log)
        );
        plugin.Verify(p => p.StatusAsync(It.IsAny<ResourceRef>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Test]
    public async Task Run_WhenThePluginKnowsWhatChanged_ComparesThatAloneUntilTheIntervalIsOver()
    {
        var other = await AddContainerAsync("other");
        var plugin = new Mock<IProvisioner<ContainerSpec>>();
        var watch = plugin.As<IWatchesResources>();
        var reconciler = New(plugin);
        Tells(watch, new ResourceObservation(ObservedState.Running, "7"), []);
        await reconciler.RunAsync(default);
        var all = clock.GetUtcNow();
        Assert.That((await LoadAsync()).ObservedAt, Is.EqualTo(all).Within(TimeSpan.FromMilliseconds(1)), "the first pass compares all");

        clock.Move(Interval / 2);
        Tells(watch, new ResourceObservation(ObservedState.Stopped, "7"), [(await LoadAsync()).ExternalKey, "not-a-key"]);
        await reconciler.RunAsync(default);
        Assert.That((await LoadAsync()).Status, Is.EqualTo(ResourceStatus.Stopped));
        Assert.That(
            (await LoadAsync(other)).ObservedAt,
            Is.EqualTo(all).Within(TimeSpan.FromMilliseconds(1)),
            "the other one did not change"
        );

        clock.Move(Interval / 2);
        await reconciler.RunAsync(default);
        Assert.That((await LoadAsync(other)).ObservedAt, Is.EqualTo(clock.GetUtcNow()).Within(TimeSpan.FromMilliseconds(1)));
        watch.Verify(p => p.ListAsync(It.IsAny<CancellationToken>()), Times.Never);
        plugin.Verify(p => p.StatusAsync(It.IsAny<ResourceRef>(), It.IsAny<CancellationToken>()), Times.Never);

        watch.Setup(p => p.TakeWatched()).Returns((WatchedResources?)null);
        watch.Setup(p => p.ListAsync(It.IsAny<CancellationToken>())).ReturnsAsync(new ResourceListing([]));
        Reports(plugin, ResourceObservation.Missing);
        await reconciler.RunAsync(default);
        Assert.That((await LoadAsync()).Status, Is.EqualTo(ResourceStatus.Missing), "without a watch all are listed");
    }

    [Test]
    public async Task Run_WhenAJobHasJustChangedTheResource_AsksThePluginInsteadOfTheWatch()
    {
        var plugin = new Mock<IProvisioner<ContainerSpec>>();
        var watch = plugin.As<IWatchesResources>();
        var reconciler = New(plugin);
        Tells(watch, new ResourceObservation(ObservedState.Stopped, "7"), []);
        Reports(plugin, new ResourceObservation(ObservedState.Running, "7"));
        await ChangeAsync(c => c.Change(null, deletionProtection: true, clock.GetUtcNow()));
        clock.Move(Interval / 3);
        await reconciler.RunAsync(default);
        Assert.That((await LoadAsync()).Status, Is.EqualTo(ResourceStatus.Running), "the watch was behind");

        clock.Move(Interval);
        await reconciler.RunAsync(default);
        Assert.That((await LoadAsync()).Status, Is.EqualTo(ResourceStatus.Stopped));
        plugin.Verify(p => p.StatusAsync(It.IsAny<ResourceRef>(), It.IsAny<CancellationToken>()), Times.Once);
    }

    // The watch knows every container in this state.
    private void Tells(Mock<IWatchesResources> watch, ResourceObservation observation, IReadOnlyList<string> changed) =>
        watch
            .Setup(p => p.TakeWatched())
            .Returns(() =>
                new WatchedResources(
                    new ResourceListing([
                        .. containers.Select(
                            (c, i) => new ListedResource($"wombat-{c:N}", null, observation with { ExternalId = $"{7 + i}" })
                        ),
                    ]),
                    changed.ToHashSet(StringComparer.Ordinal)
                )
            );

    private static void Reports(Mock<IProvisioner<ContainerSpec>> plugin, ResourceObservation observation) =>
        plugin.Setup(p => p.StatusAsync(It.IsAny<ResourceRef>(), It.IsAny<CancellationToken>())).ReturnsAsync(observation);

    private PluginReconciler New(Mock<IProvisioner<ContainerSpec>> plugin)
    {
        plugin.Setup(p => p.Name).Returns("lab");
        return ActivatorUtilities.CreateInstance<PluginReconciler>(
            services,
            ActivatorUtilities.CreateInstance<ResourceObserver>(services),
            new PluginInstance(plugin.Object, "lab", Interval)
        );
    }

    private async Task RepeatAsync(PluginReconciler reconciler, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await reconciler.RunAsync(default);
            clock.Move(Interval);
        }
    }

    private async Task<Guid> AddContainerAsync(string name = "web")
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var project = Project.Create(
            "Apples",
            $"apples-{name}",
            new ProjectDetails("", Active: true, Visibility.Private, []),
            clock.GetUtcNow()
        );
        var added = Container.Create(project, "lab", name, new ContainerSpec("busybox"), null, clock.GetUtcNow());
        added.Observe(new ResourceObservation(ObservedState.Running, $"{7 + containers.Count}"), null, clock.GetUtcNow());
        db.Projects.Add(project);
        db.Resources.Add(added);
        await db.SaveChangesAsync();
        clock.Move(Interval);
        containers.Add(added.Id);
        return added.Id;
    }

    private async Task<Container> LoadAsync(Guid? id = null)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IWombatDbContext>().Context.FindAsync<Container>(id ?? container)
            ?? throw new InvalidOperationException("The container is gone.");
    }

    private async Task ChangeAsync(Action<Container> change)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        change((await db.Context.FindAsync<Container>(container))!);
        await db.SaveChangesAsync();
    }

    private sealed class MovingClock : TimeProvider
    {
        private DateTimeOffset now = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => now;

        public void Move(TimeSpan by) => now += by;
    }

    private sealed class CollectingLoggers(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => lines.Enqueue(formatter(state, exception));

        public void Dispose() { }
    }
}
