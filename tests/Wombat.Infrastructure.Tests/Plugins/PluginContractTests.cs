using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Plugins.Proxmox;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins;

/// <summary>The contract of <see cref="IPlugin"/>, run on every plugin.</summary>
public abstract class PluginContractTests
{
    private static int names;
    private IProvisioner<ContainerSpec> plugin = null!;

    protected TestFolder Folder { get; private set; } = null!;

    /// <summary>A template that can be provisioned.</summary>
    protected abstract string Template { get; }

    [SetUp]
    public async Task Make()
    {
        Folder = new TestFolder();
        plugin = await StartAsync(ProbeTimeout: null);
        await plugin.InitializeAsync(default);
    }

    [TearDown]
    public async Task CleanUp()
    {
        await EndAsync();
        Folder.Dispose();
    }

    [Test]
    public async Task Health_WhenSystemWorks_IsHealthy() => Assert.That((await plugin.HealthAsync(default)).Healthy, Is.True);

    [Test]
    public async Task Provision_WhenRepeated_ReturnsTheSameResource()
    {
        var request = Request();
        var first = await plugin.ProvisionAsync(request, new CollectedLog(), default);
        var second = await plugin.ProvisionAsync(
            request with
            {
                Resource = request.Resource with { ExternalId = first.ExternalId },
            },
            new CollectedLog(),
            default
        );
        Assert.That(
            (first.State, second.State, second.ExternalId),
            Is.EqualTo((ObservedState.Running, ObservedState.Running, first.ExternalId))
        );
        Assert.That(await CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Provision_WhenFirstAnswerWasLost_FindsItsResource()
    {
        var request = Request();
        var made = await plugin.ProvisionAsync(request, new CollectedLog(), default);

        // The id was not stored: the same request is repeated.
        var again = await plugin.ProvisionAsync(request, new CollectedLog(), default);
        Assert.That((again.State, again.ExternalId), Is.EqualTo((ObservedState.Running, made.ExternalId)));
        Assert.That(await CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Provision_BeforeItEnds_ReportsTheExternalId()
    {
        var log = new CollectedLog();
        var made = await plugin.ProvisionAsync(Request(), log, default);
        Assert.That(log.Made, Is.EqualTo(made.ExternalId).And.Not.Null);
    }

    [Test]
    public async Task Provision_WhenTwoRunAtOnce_CreatesTwo()
    {
        var both = await Task.WhenAll(
            plugin.ProvisionAsync(Request(), new CollectedLog(), default),
            plugin.ProvisionAsync(Request(), new CollectedLog(), default)
        );
        Assert.That(both.Select(b => b.ExternalId).Distinct().Count(), Is.EqualTo(2));
        Assert.That(await CountAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task Status_AfterDeprovision_IsMissing()
    {
        var request = Request();
        var made = await plugin.ProvisionAsync(request, new CollectedLog(), default);
        var known = request.Resource with { ExternalId = made.ExternalId };
        Assert.That((await plugin.StatusAsync(known, default)).State, Is.EqualTo(ObservedState.Running));
        await plugin.DeprovisionAsync(known, new CollectedLog(), default);
        Assert.That((await plugin.StatusAsync(known, default)).State, Is.EqualTo(ObservedState.Missing));
    }

    [Test]
    public async Task Deprovision_WhenRepeated_Succeeds()
    {
        var request = Request();
        var made = await plugin.ProvisionAsync(request, new CollectedLog(), default);
        var known = request.Resource with { ExternalId = made.ExternalId };
        await plugin.DeprovisionAsync(known, new CollectedLog(), default);
        await plugin.DeprovisionAsync(known, new CollectedLog(), default);
        Assert.That(await CountAsync(), Is.Zero);
    }

    [Test]
    public async Task Deprovision_WhenNeverProvisioned_RemovesNothing()
    {
        await plugin.ProvisionAsync(Request(), new CollectedLog(), default);
        await plugin.DeprovisionAsync(Request().Resource, new CollectedLog(), default);
        Assert.That(await CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Deprovision_WhenProvisionAnswerWasLost_RemovesItIfSupported()
    {
        var request = Request();
        await plugin.ProvisionAsync(request, new CollectedLog(), default);
        await plugin.DeprovisionAsync(request.Resource, new CollectedLog(), default);
        Assert.That(await CountAsync(), plugin.SupportsLookupByKey ? Is.Zero : Is.EqualTo(1));
    }

    [Test]
    public void Provision_WhenTemplateIsUnknown_IsAnInvalidRequest() =>
        Assert.That(
            async () => await plugin.ProvisionAsync(Request() with { Spec = new ContainerSpec("invalid") }, new CollectedLog(), default),
            Throws
                .TypeOf<ExternalSystemException>()
                .With.Property("Kind")
                .EqualTo(ExternalFailure.Invalid)
                .And.Property("IsRetryable")
                .False
        );

    [Test]
    public void Call_WhenCancelled_EndsAsCancelled()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(5));
        var from = TimeProvider.System.GetTimestamp();
        Assert.That(
            async () => await plugin.ProvisionAsync(Request(), new CollectedLog(), cancel.Token),
            Throws.InstanceOf<OperationCanceledException>()
        );
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task Call_WhenTimeoutExpires_IsUnavailable()
    {
        var impatient = await StartAsync(TimeSpan.FromMilliseconds(5));
        Assert.That(
            async () => await impatient.ProvisionAsync(Request(), new CollectedLog(), default),
            Throws
                .TypeOf<ExternalSystemException>()
                .With.Property("Kind")
                .EqualTo(ExternalFailure.Unavailable)
                .And.Property("IsRetryable")
                .True
        );
    }

    [Test]
    public async Task StartStopRestart_WhenRepeated_ReturnTheNewState()
    {
        if (plugin is not IOperatesResources operates)
        {
            Assert.That(plugin.GetType().Name, Is.EqualTo("PlainProxmoxPlugin"), "only a plain CLI lacks the ability");
            return;
        }

        var request = Request();
        var made = await plugin.ProvisionAsync(request, new CollectedLog(), default);
        var known = request.Resource with { ExternalId = made.ExternalId };
        var log = new CollectedLog();
        Assert.That((await operates.StopAsync(known, log, default)).State, Is.EqualTo(ObservedState.Stopped));
        Assert.That((await operates.StopAsync(known, log, default)).State, Is.EqualTo(ObservedState.Stopped));
        Assert.That((await operates.StartAsync(known, log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That((await operates.StartAsync(known, log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That((await operates.RestartAsync(known, log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That(
            async () => await operates.StartAsync(known with { ExternalId = "99999" }, log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.NotFound)
        );
    }

    [Test]
    public async Task List_AfterProvision_ContainsTheKey()
    {
        if (plugin is not IListsResources lists)
        {
            Assert.That(plugin.GetType().Name, Is.EqualTo("PlainProxmoxPlugin"), "only a plain CLI lacks the ability");
            return;
        }

        var request = Request();
        Assert.That((await lists.ListAsync(default)).All, Is.Empty);
        var made = await plugin.ProvisionAsync(request, new CollectedLog(), default);
        var listed = await lists.ListAsync(default);
        Assert.That(listed.All.Select(l => l.ExternalKey), Is.EqualTo(new[] { request.Resource.ExternalKey }));
        var found = listed.Find(request.Resource with { ExternalId = made.ExternalId });
        Assert.That((found.ExternalId, found.State), Is.EqualTo((made.ExternalId, ObservedState.Running)));
        Assert.That(
            listed.Find(request.Resource with { ExternalId = "99999" }).State,
            Is.EqualTo(ObservedState.Missing),
            "id and key must both match"
        );
        var container = (await ((IListsContainers)plugin).ListContainersAsync(default)).Single();
        Assert.That(
            (container.Resource.ExternalKey, container.Resource.Observation.ExternalId),
            Is.EqualTo((request.Resource.ExternalKey, made.ExternalId))
        );
        Assert.That(container.Spec.Template, Is.EqualTo(request.Spec.Template).Or.Empty, "not another one than it was created from");
    }

    /// <summary>The plugin on its system; with a time-out so short that every call exceeds it, where one is given.</summary>
    protected abstract Task<IProvisioner<ContainerSpec>> StartAsync(TimeSpan? ProbeTimeout);

    /// <summary>The number of resources of the plugin in the system.</summary>
    protected abstract Task<int> CountAsync();

    protected virtual Task EndAsync() => Task.CompletedTask;

    protected ProxmoxOptions Options(string cli, TimeSpan? timeout, string dialect = "forge")
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PROXMOX_CLI_PATH"] = cli,
            ["WOMBAT_PLUGINS_PROXMOX_DIALECT"] = dialect,
        };
        if (timeout is { } time)
        {
            environment["WOMBAT_PLUGINS_PROXMOX_CREATE_TIMEOUT_SECONDS"] = environment["WOMBAT_PLUGINS_PROXMOX_CALL_TIMEOUT_SECONDS"] =
                Math.Max(0.1, time.TotalSeconds).ToString();
        }

        return ProxmoxOptions.Read(new PluginSection(new SettingsReader(null, environment), "proxmox", environment, Folder.Path)) with
        {
            CreateTimeout = timeout ?? TimeSpan.FromMinutes(2),
            CallTimeout = timeout ?? TimeSpan.FromMinutes(2),
        };
    }

    protected ProvisionRequest<ContainerSpec> Request()
    {
        var number = Interlocked.Increment(ref names);
        var resource = new ResourceRef("container", $"wombat-{Guid.NewGuid():N}", $"contract-{number}", null);
        return new ProvisionRequest<ContainerSpec>(resource, new ContainerSpec(Template));
    }

    private sealed class CollectedLog : IPluginLog
    {
        public string? Made { get; private set; }

        public ValueTask ReportExternalIdAsync(string externalId)
        {
            Made = externalId;
            return ValueTask.CompletedTask;
        }

        public ValueTask WriteAsync(string line, CancellationToken cancel) => ValueTask.CompletedTask;
    }
}
