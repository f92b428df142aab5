using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Plugins.Proxmox;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.Proxmox;

/// <summary>Answers of third-party CLIs.</summary>
public sealed class ForeignCliTests
{
    private static readonly ResourceRef Known = new("container", "wombat-1", "web-1", "328");
    private TestFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TestFolder();

    [TearDown]
    public void CleanUp() => folder.Dispose();

    [TestCase("""printf '\357\273\277{"id":"328","status":"running"}'""")]
    [TestCase("""printf '\357\273\277ID: 328\nStatus: running\n'""")]
    [TestCase("""echo '{"ID":"328","Status":"running"}'""")]
    [TestCase("""echo '{"VmId":328,"State":"running"}'""")]
    public async Task Provision_WhenAnswerIsFormattedUnusually_ReturnsTheId(string answer)
    {
        var made = await Plugin(answer)
            .ProvisionAsync(
                new ProvisionRequest<ContainerSpec>(Known with { ExternalId = null }, new ContainerSpec("debian-12")),
                new Log(),
                default
            );
        Assert.That((made.ExternalId, made.State), Is.EqualTo(("328", ObservedState.Running)));
    }

    [TestCase("""echo '{"status":"running"}'""")]
    [TestCase("""echo '{"identifier":"328","status":"running"}'""")]
    [TestCase("""echo 'Status: running'""")]
    public void Provision_WhenAnswerHasNoId_IsUnavailable(string answer) =>
        Assert.That(
            async () =>
                await Plugin(answer)
                    .ProvisionAsync(
                        new ProvisionRequest<ContainerSpec>(Known with { ExternalId = null }, new ContainerSpec("debian-12")),
                        new Log(),
                        default
                    ),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Unavailable)
        );

    [TestCase("container 328: no such logical volume pve/data", ExternalFailure.Unknown)]
    [TestCase("node pve2 does not exist", ExternalFailure.Unknown)]
    [TestCase("container 3280 does not exist", ExternalFailure.Unknown)]
    [TestCase("sh: forge-cli: not found", ExternalFailure.Unknown)]
    [TestCase("<html><title>502 Bad Gateway</title></html>", ExternalFailure.Unavailable)]
    [TestCase("HTTP error 504", ExternalFailure.Unavailable)]
    [TestCase("429 Too Many Requests", ExternalFailure.Unavailable)]
    public void Status_WhenErrorDoesNotNameTheContainer_IsNotMissing(string text, ExternalFailure failure)
    {
        var plugin = Plugin($"echo '{text}' >&2; exit 1");
        Assert.That(
            async () => await plugin.StatusAsync(Known, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(failure)
        );
        Assert.That(
            async () => await plugin.DeprovisionAsync(Known, new Log(), default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(failure)
        );
    }

    [TestCase("container 328 does not exist")]
    [TestCase("Error: CT '328' was not found.")]
    [TestCase("no such container: 328")]
    [TestCase("Configuration file nodes/pve/lxc/328.conf does not exist", false)]
    public async Task Status_WhenErrorSaysTheContainerIsAbsent_IsMissing(string text, bool isAbsent = true)
    {
        var plugin = Plugin($"echo \"{text}\" >&2; exit 1");
        if (isAbsent)
        {
            Assert.That((await plugin.StatusAsync(Known, default)).State, Is.EqualTo(ObservedState.Missing));
            await plugin.DeprovisionAsync(Known, new Log(), default);
        }
        else
        {
            Assert.That(async () => await plugin.StatusAsync(Known, default), Throws.TypeOf<ExternalSystemException>());
        }
    }

    [Test]
    public void Deprovision_WhenStatusStillFindsTheContainer_Fails() =>
        Assert.That(
            async () =>
                await Plugin("""[ "$1" = status ] && { echo "Status: running"; exit; }; echo "container 328 does not exist" >&2; exit 3""")
                    .DeprovisionAsync(Known, new Log(), default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("still exists")
        );

    [Test]
    public void Deprovision_WhenIdBelongsToAnother_IsAConflict()
    {
        var plugin = Plugin(
            """
            [ "$1" = status ] && { echo "ID: 328"; echo "Name: theirs"; echo "Status: running"; exit; }
            touch "$(dirname "$0")/deleted"
            """
        );
        Assert.That(
            async () => await plugin.DeprovisionAsync(Known, new Log(), default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Conflict)
        );
        Assert.That(File.Exists(Path.Combine(folder.Path, "deleted")), Is.False);
    }

    [Test]
    public void Status_WhenUnknown_IsUnavailable() =>
        Assert.That(
            async () => await Plugin("echo 'Status: unknown'").StatusAsync(Known, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Unavailable)
        );

    [Test]
    public async Task Provision_WhenCliIsSilent_LogsProgress()
    {
        var log = new Log();
        await Plugin("sleep 7.5; echo 'ID: 328'; echo 'Status: running'")
            .ProvisionAsync(
                new ProvisionRequest<ContainerSpec>(Known with { ExternalId = null }, new ContainerSpec("debian-12")),
                log,
                default
            );
        Assert.That(
            log.Lines,
            Has.Some.Matches<string>(l =>
                l.StartsWith("cli create: ", StringComparison.Ordinal) && l.EndsWith(" s", StringComparison.Ordinal)
            )
        );
    }

    private IProvisioner<ContainerSpec> Plugin(string body)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PROXMOX_CLI_PATH"] = ScriptedCli.Write(folder.Path, "cli", body),
            ["WOMBAT_PLUGINS_PROXMOX_DIALECT"] = "plain",
        };
        return ProxmoxPluginType.Create(
            ProxmoxOptions.Read(new PluginSection(new SettingsReader(null, environment), "proxmox", environment, folder.Path))
        );
    }

    private sealed class Log : IPluginLog
    {
        public List<string> Lines { get; } = [];

        public ValueTask WriteAsync(string line, CancellationToken cancel)
        {
            Lines.Add(line);
            return ValueTask.CompletedTask;
        }
    }
}
