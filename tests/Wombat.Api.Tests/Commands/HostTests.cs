using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Registering hosts and accepting their keys, with a real sshd.</summary>
public sealed class HostTests : SshTestBase
{
    [Test]
    public async Task Host_UntilItsKeysAreAccepted_RunsNothing()
    {
        await using var server = await SshServer.StartAsync();
        var host = await RegisterAsync(server);
        var path = $"/api/v1/hosts/{host["id"]}";
        await server.AuthorizeAsync((string)host["public_key"]!);
        Assert.That((string)host["state"]!, Is.EqualTo("unverified"));
        var command = await CreateSshAsync([path], ["touch", "ran"]);
        Assert.That((await Client.PostAsync($"{command}/plan", "{}")).Body!["objections"]!.AsArray(), Has.Count.EqualTo(1));
        var refused = await RunAsync(command);
        Assert.That(((string)refused["status"]!, (string)refused["error"]!["code"]!), Is.EqualTo(("failed", "host_not_trusted")));
        var tested = (await Client.PostAsync($"{path}/test")).Body!;
        var fingerprint = await server.FingerprintAsync();
        Assert.That(
            ((string)tested["state"]!, (string)tested["host_keys"]![0]!["fingerprint"]!, (string)tested["host_keys"]![0]!["type"]!),
            Is.EqualTo(("unverified", fingerprint, "ssh-ed25519")),
            tested.ToJsonString()
        );
        var wrong = await AcceptAsync(path, "SHA256:AAAA");
        Assert.That((wrong.Status, wrong.Code), Is.EqualTo((HttpStatusCode.Conflict, "host_keys_differ")));
        Assert.That(File.Exists(Path.Combine(server.Home, "ran")), Is.False);
        Assert.That((string)(await AcceptAsync(path, fingerprint)).Body!["state"]!, Is.EqualTo("reachable"));
        Assert.That((string)(await RunAsync(command))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(File.Exists(Path.Combine(server.Home, "ran")));
        Assert.That((await Client.PostAsync($"{command}/plan", "{}")).Body!["objections"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Host_WithAnotherKey_RunsNothingUntilAnAdminAcceptsIt()
    {
        await using var server = await SshServer.StartAsync();
        var host = await TrustAsync(server);
        var command = await CreateSshAsync([host], ["true"]);
        await server.KillAsync();
        await server.ChangeHostKeyAsync();
        await server.StartAgainAsync();
        foreach (var attempt in new[] { 1, 2 })
        {
            var run = await RunAsync(command);
            Assert.That(((string)run["status"]!, (string)run["error"]!["code"]!), Is.EqualTo(("failed", "host_not_trusted")), $"{attempt}");
        }

        Assert.That((string)(await Client.GetAsync(host)).Body!["state"]!, Is.EqualTo("key_changed"));
        var alerts = (await Client.GetAsync("/api/v1/events?action=host.key_changed")).Body!["items"]!.AsArray();
        Assert.That(alerts.Count(e => (string)e!["target_id"]! == host.Split('/')[^1]), Is.EqualTo(1), "one alert");
        Assert.That((string)(await AcceptAsync(host, await server.FingerprintAsync())).Body!["state"]!, Is.EqualTo("reachable"));
        Assert.That((string)(await RunAsync(command))["status"]!, Is.EqualTo("succeeded"));
    }

    [Test]
    public async Task Host_ThatIsDownOrRefuses_SaysWhich()
    {
        await using var server = await SshServer.StartAsync();
        var host = await TrustAsync(server);
        await server.AuthorizeAsync("");
        var refused = (await Client.PostAsync($"{host}/test")).Body!;
        Assert.That((string)refused["state"]!, Is.EqualTo("login_refused"), refused.ToJsonString());
        await server.KillAsync();
        var down = (await Client.PostAsync($"{host}/test")).Body!;
        Assert.That((string)down["state"]!, Is.EqualTo("unreachable"), down.ToJsonString());
        var run = await RunAsync(await CreateSshAsync([host], ["true"]));
        Assert.That(((string)run["status"]!, (string)run["error"]!["code"]!), Is.EqualTo(("failed", "host_unreachable")));
        var moved = await Client.PutAsync(host, """{"name":"moved","address":"127.0.0.2","user_name":"runner"}""");
        Assert.That(
            ((string)moved.Body!["state"]!, moved.Body["host_keys"]!.AsArray().Count, (int)moved.Body["port"]!),
            Is.EqualTo(("unverified", 0, 22)),
            "another address is another machine"
        );
    }

    [TestCase("-oProxyCommand=touch /tmp/wombat-hostile", "runner", "address")]
    [TestCase("a b", "runner", "address")]
    [TestCase("$(touch /tmp/wombat-hostile)", "runner", "address")]
    [TestCase("user@host", "runner", "address")]
    [TestCase("host\n", "runner", "address")]
    [TestCase("", "runner", "address")]
    [TestCase("127.0.0.1", "-oProxyCommand=x", "user_name")]
    [TestCase("127.0.0.1", "a b", "user_name")]
    [TestCase("127.0.0.1", "%h", "user_name")]
    [TestCase("127.0.0.1", "root;id", "user_name")]
    public async Task Host_WithAHostileName_IsRefusedByTheField(string address, string user, string field)
    {
        var body = new System.Text.Json.Nodes.JsonObject
        {
            ["name"] = "hostile",
            ["address"] = address,
            ["user_name"] = user,
        };
        var refused = await Client.PostAsync("/api/v1/hosts", body.ToJsonString());
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, field)), refused.ToString());
        Assert.That(File.Exists("/tmp/wombat-hostile"), Is.False);
    }

    [TestCase("file", ",\"key_file\":\"key\"")]
    [TestCase("agent", "")]
    public async Task Host_WithAKeyThatNoSettingAllows_IsRefusedByTheField(string source, string more)
    {
        var refused = await Client.PostAsync(
            "/api/v1/hosts",
            $$"""{"name":"h","address":"127.0.0.1","user_name":"u","key_source":"{{source}}"{{more}}}"""
        );
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "key_source")), $"{refused}");
    }

    [Test]
    public async Task Host_WithAKeyOfItsOwn_NeverReturnsIt()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "key");
        var made = await Wombat.Infrastructure.Processes.ChildProcess.RunAsync(
            new("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file], TimeSpan.FromSeconds(10)),
            CancellationToken.None
        );
        Assert.That(made.ExitCode, Is.Zero);
        var key = await File.ReadAllTextAsync(file);
        var body = new System.Text.Json.Nodes.JsonObject
        {
            ["name"] = "own-key",
            ["address"] = "::1",
            ["user_name"] = "x",
            ["private_key"] = key.Replace("\n", "\r\n", StringComparison.Ordinal),
        };
        var created = await Client.PostAsync("/api/v1/hosts", body.ToJsonString());
        var publicKey = (await File.ReadAllTextAsync($"{file}.pub")).Split(' ');
        Assert.That((string)created.Body!["public_key"]!, Does.StartWith($"{publicKey[0]} {publicKey[1]}"));
        Assert.That(created.Text, Does.Not.Contain("PRIVATE"));
        body["name"] = "no-key";
        body["private_key"] = "-----BEGIN NOTHING-----";
        var refused = await Client.PostAsync("/api/v1/hosts", body.ToJsonString());
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "private_key")));
    }

    [Test]
    public async Task Host_ThatACommandUses_IsNotRemoved()
    {
        await using var server = await SshServer.StartAsync();
        var host = $"/api/v1/hosts/{(await RegisterAsync(server))["id"]}";
        var command = await CreateSshAsync([host], ["true"]);
        var refused = await Client.DeleteAsync(host);
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Conflict, "host_in_use")));
        await Client.DeleteAsync(command);
        Assert.That((await Client.DeleteAsync(host)).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await Client.GetAsync(host)).Code, Is.EqualTo("host_not_found"));
    }

    [Test]
    public async Task ReplaceKey_OfAHost_LetsWombatInOnlyWithTheNewOne()
    {
        await using var server = await SshServer.StartAsync();
        var host = await TrustAsync(server);
        var before = (string)(await Client.GetAsync(host)).Body!["public_key"]!;
        var replaced = await Client.PostAsync($"{host}/replace-key", "{}");
        Assert.That(replaced.Status, Is.EqualTo(HttpStatusCode.OK), replaced.ToString());
        var key = (string)replaced.Body!["public_key"]!;
        Assert.That(key, Is.Not.EqualTo(before));
        Assert.That((string)(await Client.PostAsync($"{host}/test")).Body!["state"]!, Is.EqualTo("login_refused"));
        await server.AuthorizeAsync(key);
        Assert.That((string)(await Client.PostAsync($"{host}/test")).Body!["state"]!, Is.EqualTo("reachable"));
        var refused = await Client.PostAsync($"{host}/replace-key", """{"private_key":"none"}""");
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "private_key")));
        Assert.That((await Client.GetAsync("/api/v1/events?action=host.key_replaced")).Text, Does.Not.Contain("PRIVATE KEY"));
    }

    [Test]
    public async Task Command_OnAHostOfAnotherProject_IsRefused()
    {
        await using var server = await SshServer.StartAsync();
        var host = await RegisterAsync(server);
        var other = await Client.CreateProjectAsync();
        var (manager, _) = await Client.CreateMemberAsync(other, "project_manager");
        var refused = await manager.PostAsync(
            "/api/v1/commands",
            $$"""{"name":"x","project_id":"{{other}}","kind":"ssh","host_ids":["{{host["id"]}}"],"arguments":["id"]}"""
        );
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "host_ids")));
        Assert.That((await manager.GetAsync($"/api/v1/hosts/{host["id"]}")).Code, Is.EqualTo("host_not_found"));
        Assert.That(
            (await manager.PostAsync("/api/v1/hosts", """{"name":"x","address":"a","user_name":"u"}""")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
    }
}
