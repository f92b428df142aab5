using Wombat.TestSupport;

namespace Wombat.Api.Tests.Plugins;

/// <summary>A Proxmox VE with foreign guests and failing nodes.</summary>
[Category("Slow")]
public sealed class PveFaultTests
{
    private FakePve pve = null!;
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [SetUp]
    public async Task Start()
    {
        pve = await FakePve.StartAsync();
        var exports = string.Join('\n', pve.Environment().Select(e => $"export {e.Key}='{e.Value}'"));
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_DIALECT"] = "forge",
                ["PLUGINS_PROXMOX_HOST_BOUND"] = "false",
                ["RECONCILER_INTERVAL_SECONDS"] = "0.3",
            },
            cli: $"{exports}\nexec '{WombatProcess.Forge()}' \"$@\""
        );
    }

    [TearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        await pve.DisposeAsync();
    }

    [Test]
    public async Task Delete_WhenTaskFails_LeavesTheContainerInError()
    {
        var (path, _) = await MakeAsync(await Client.CreateProjectAsync());
        pve.FailingWork["vzdestroy"] = "no such logical volume pve/data";
        var job = await Client.WaitForJobAsync((await Client.DeleteAsync(path)).Location!);
        Assert.That((string)job["status"]!, Is.EqualTo("failed"));
        Assert.That((string)job["error"]!["message"]!, Does.EndWith("Proxmox VE: no such logical volume pve/data"));
        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("error"));
        Assert.That(pve.OwnGuests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Delete_WhenContainerWasCloned_LeavesTheClone()
    {
        var (path, id) = await MakeAsync(await Client.CreateProjectAsync());
        var copy = pve.CloneExternally(id);
        pve.StopExternally(id);
        await Client.WaitAsync(path, "status", TimeSpan.FromSeconds(20), "stopped");
        Assert.That((string)(await Client.GetAsync(path)).Body!["external_id"]!, Is.EqualTo(id.ToString()));
        await Client.WaitForJobAsync((await Client.DeleteAsync(path)).Location!);
        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("deleted"));
        Assert.That(pve.OwnGuests.Keys, Is.EqualTo(new[] { copy }));
    }

    [Test]
    public async Task Reconciler_WhenNodeIsOffline_KeepsTheStatusAndSaysWhy()
    {
        var project = await Client.CreateProjectAsync();
        var (path, id) = await MakeAsync(project);
        pve.MigrateExternally(id);
        pve.OfflineNodes["pve2"] = true;
        await Eventually.UntilAsync(
            async () =>
                ((string?)(await Client.GetAsync(path)).Body!["status_reason"])?.Contains(
                    "node pve2 is unreachable",
                    StringComparison.Ordinal
                ) ?? false,
            "the status_reason has the reason"
        );
        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("running"));
        await MakeAsync(project);
        pve.OfflineNodes.Clear();
        await Eventually.UntilAsync(
            async () => (await Client.GetAsync(path)).Body!["status_reason"] is null,
            "the container is observed again"
        );
        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("running"));
    }

    private async Task<(string Path, int Id)> MakeAsync(string project)
    {
        var (path, job) = await Client.CreateContainerAsync(project, "debian-12");
        Assert.That(
            (string)(await Client.WaitForJobAsync(job))["status"]!,
            Is.EqualTo("succeeded"),
            (await Client.GetAsync($"{job}/log")).Text
        );
        return (path, int.Parse((string)(await Client.GetAsync(path)).Body!["external_id"]!));
    }
}
