using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Orphans;

/// <summary>Orphans on a Proxmox VE that other Wombats may use, too.</summary>
[Category("Slow")]
public sealed class SharedPluginOrphanTests : OrphanTestBase
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
            new Dictionary<string, string>(Settings, StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_HOST_BOUND"] = "false",
                ["PLUGINS_PROXMOX_EXCLUSIVE"] = "false",
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
    public async Task Container_WithoutARowOfItsKey_IsNoOrphan()
    {
        var project = await Client.CreateProjectAsync();
        var (other, known) = (await MakeAsync(project), await MakeAsync(project));

        // To this database, the first one is a container of another Wombat.
        await server.ExecuteAsync($"delete from resources where id = '{other.Id}'");
        await server.ExecuteAsync($"update resources set status = 'deleted', version = version + 1 where id = '{known.Id}'");
        var orphan = await OrphanAsync(Client, known.Name);
        Assert.That((await OrphansAsync(Client)).Select(o => (string)o!["name"]!), Is.EqualTo(new[] { known.Name }));
        Assert.That(
            ((string?)orphan["template"], (int?)orphan["memory"], (int?)orphan["disk"]),
            Is.EqualTo(((string?)null, (int?)null, (int?)8)),
            "what this Proxmox VE tells"
        );

        var adopted = await AdoptAsync(Client, orphan, project);
        Assert.That(
            (adopted.Status, (string?)adopted.Body!["template"], (int?)adopted.Body["disk"]),
            Is.EqualTo((HttpStatusCode.OK, "debian-12", (int?)8)),
            adopted.ToString()
        );
        await NoOrphanAsync(Client, known.Name);
        Assert.That(await OrphansAsync(Client), Is.Empty);
    }

    private async Task<(string Id, string Name)> MakeAsync(string project)
    {
        var (path, job) = await Client.CreateContainerAsync(project, "debian-12");
        var made = await Client.WaitForJobAsync(job);
        Assert.That((string)made["status"]!, Is.EqualTo("succeeded"), made.ToJsonString());
        var container = (await Client.GetAsync(path)).Body!;
        return ((string)container["id"]!, (string)container["external_name"]!);
    }
}
