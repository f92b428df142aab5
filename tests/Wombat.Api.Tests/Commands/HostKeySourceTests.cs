using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Persistence;
using Wombat.Domain.Containers;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>
/// Hosts whose keys are in files or in an agent, that are containers, or that a configuration names, with real servers and a real agent.
/// </summary>
public sealed class HostKeySourceTests : SshTestBase
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TestFolder folder = new();
    private readonly CancellationTokenSource end = new();
    private SshServer gate = null!;
    private SshServer inner = null!;

    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>(base.Settings, StringComparer.Ordinal)
        {
            ["COMMANDS_KEY_DIRECTORY"] = Keys,
            ["COMMANDS_AGENT_SOCKET"] = Agent,
            ["COMMANDS_SSH_CONFIG"] = Config,
        };

    private string Keys => Path.Combine(folder.Path, "keys");

    private string Agent => Path.Combine(folder.Path, "agent");

    private string Config => Path.Combine(folder.Path, "config");

    [OneTimeSetUp]
    public async Task StartHosts()
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Keys, "web"));
        (gate, inner) = (await SshServer.StartAsync(), await SshServer.StartAsync("/bin/dash"));
    }

    [OneTimeTearDown]
    public async Task StopHosts()
    {
        await end.CancelAsync();
        await gate.DisposeAsync();
        await inner.DisposeAsync();
        folder.Dispose();
        end.Dispose();
    }

    [Test]
    [Order(1)]
    public async Task Run_ThroughAJumpHost_UsesAFileThereAndAnAgentHere()
    {
        await MakeKeyAsync("web/gate", gate);
        await MakeKeyAsync("inner", inner);
        var jump = await CreateTrustedAsync(gate, """{"key_source":"file","key_file":"web/gate"}""");
        var path = await CreateAsync(inner, """{"key_source":"agent"}""", jump);
        var refused = await AcceptAsync(path, await inner.FingerprintAsync());
        Assert.That((string?)refused.Body?["problem"], Does.StartWith("No SSH agent answers"), refused.ToString());
        await StartAgentAsync("inner");
        Assert.That((string)(await Client.PostAsync($"{path}/test")).Body!["state"]!, Is.EqualTo("reachable"));
        var run = await StartAsync(await CreateSshAsync([path], ["sh", "-c", "id -u; echo \"<$SSH_AUTH_SOCK>\""]));
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
        Assert.That(await OutputAsync(run), Is.EqualTo(new[] { $"{inner.Uid}", "<>" }), "the agent is not forwarded");
        var host = (await Client.GetAsync(jump)).Body!;
        Assert.That(
            ((string)host["key_source"]!, (string)host["key_file"]!, (string)host["public_key"]!),
            Is.EqualTo(("file", "web/gate", ""))
        );
        var yaml = (await Client.GetAsync($"/api/v1/hosts/export?project_id={Project}")).Text;
        Assert.That(yaml, Does.Contain("key_source: file").And.Contain("key_source: agent").And.Not.Contain("PRIVATE"));
    }

    [Test]
    [Order(2)]
    public async Task KeyFile_ThatCannotBeUsed_SaysWhyAndLeavesTheDirectoryNever()
    {
        await MakeKeyAsync("key", gate);
        var host = await CreateTrustedAsync(gate, """{"key_source":"file","key_file":"key"}""");
        var command = await CreateSshAsync([host], ["true"]);
        var file = Path.Combine(Keys, "key");
        File.SetUnixFileMode(file, Private | UnixFileMode.OtherRead);
        await AssertRefusesAsync(host, "has the mode 0604");
        var run = await RunAsync(command);
        Assert.That((string?)run["error"]?["code"], Is.EqualTo("host_unreachable"), run.ToJsonString());
        Assert.That((string)run["error"]!["message"]!, Does.Contain("has the mode 0604"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "outside"), "secret");
        File.SetUnixFileMode(Path.Combine(folder.Path, "outside"), Private);
        File.Delete(file);
        File.CreateSymbolicLink(file, Path.Combine(folder.Path, "outside"));
        await AssertRefusesAsync(host, "is outside the directory of key files");
        File.Delete(file);
        await AssertRefusesAsync(host, "does not exist");
        await File.WriteAllTextAsync(file, "secret");
        File.SetUnixFileMode(file, Private);
        await AssertRefusesAsync(host, "is no private key");
    }

    [Test]
    [Order(3)]
    public async Task ReplaceKey_WithAnotherSource_DeletesTheStoredOne()
    {
        await MakeKeyAsync("later", gate);
        var host = await CreateTrustedAsync(gate, "{}");
        Assert.That((string)(await Client.GetAsync(host)).Body!["public_key"]!, Does.StartWith("ssh-ed25519 "));
        var replaced = await Client.PostAsync($"{host}/replace-key", """{"key_source":"file","key_file":"later"}""");
        Assert.That((string?)replaced.Body?["public_key"], Is.Empty, replaced.ToString());
        await MakeKeyAsync("later", gate);
        Assert.That((string)(await Client.PostAsync($"{host}/test")).Body!["state"]!, Is.EqualTo("reachable"));
        var stored = await Client.PostAsync($"{host}/replace-key", "{}");
        Assert.That(((string)stored.Body!["key_source"]!, (string?)stored.Body["key_file"]), Is.EqualTo(("stored", (string?)null)));
    }

    [TestCase("""{"key_source":"file","key_file":"../outside"}""", "key_file")]
    [TestCase("""{"key_source":"file","key_file":"/etc/ssh/key"}""", "key_file")]
    [TestCase("""{"key_source":"file","key_file":"web/.hidden"}""", "key_file")]
    [TestCase("""{"key_source":"file"}""", "key_file")]
    [TestCase("""{"key_source":"agent","key_file":"key"}""", "key_file")]
    [TestCase("""{"key_source":"agent","private_key":"key"}""", "private_key")]
    [TestCase("""{"key_source":"none"}""", "key_source")]
    public async Task Key_AtNoPossiblePlace_IsRefusedByTheField(string key, string field)
    {
        var refused = await PostAsync(gate, key);
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, field)), refused.ToString());
    }

    [Test]
    [Order(4)]
    public async Task Host_ThatIsAContainer_IsReachedAtTheAddressThatItHasThen()
    {
        var container = await AddContainerAsync();
        await MoveAsync(container, "127.0.0.9");
        var key = $$"""{"container_id":"{{container}}","key_source":"file","key_file":"box","port":{{gate.Port}}""";
        await MakeKeyAsync("box", gate);
        var created = await Client.PostAsync("/api/v1/hosts", $$"""{{key}},"project_id":"{{Project}}"}""");
        Assert.That(
            ((string?)created.Body?["name"], (string?)created.Body?["address"], (string?)created.Body?["user_name"]),
            Is.EqualTo(("box", "127.0.0.9", SshServer.User)),
            created.ToString()
        );
        var host = created.Location!;
        Assert.That((string)(await Client.PostAsync($"{host}/test")).Body!["problem"]!, Does.Contain("127.0.0.9 does not answer"));
        await MoveAsync(container, "127.0.0.1");
        var accepted = await AcceptAsync(host, await gate.FingerprintAsync());
        Assert.That((string?)accepted.Body?["state"], Is.EqualTo("reachable"), accepted.ToString());
        var run = await RunAsync(await CreateSshAsync([host], ["true"]));
        Assert.That((string)run["status"]!, Is.EqualTo("succeeded"), run.ToJsonString());
        var now = (await Client.GetAsync(host)).Body!;
        Assert.That(((string)now["address"]!, now["host_keys"]!.AsArray().Count), Is.EqualTo(("127.0.0.1", 1)));
        await Server.ExecuteAsync($"update resources set status = 'deleted' where id = '{container}'");
        Assert.That((string)(await Client.PostAsync($"{host}/test")).Body!["problem"]!, Is.EqualTo("Its container was deleted."));
        var foreign = await Client.PostAsync("/api/v1/hosts", $$"""{{key}},"project_id":"{{await Client.CreateProjectAsync()}}"}""");
        Assert.That((foreign.Status, foreign.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "container_id")), $"{foreign}");
    }

    [Test]
    [Order(5)]
    public async Task Host_WithAnAlias_IsReachedAsTheConfigurationSays()
    {
        await MakeKeyAsync("alias", gate);
        await File.WriteAllTextAsync(
            Config,
            $"""
            Match exec "touch {folder.Path}/executed"
              User nobody
            Host web
              HostName 127.0.0.1
              ProxyJump none
            Host behind
              ProxyJump missing
            Host *
              Port {gate.Port}
              User {SshServer.User}
            """
        );
        const string Key = ""","key_source":"file","key_file":"alias" """;
        var created = await Client.PostAsync("/api/v1/hosts", $$"""{"name":"by-alias","alias":"web"{{Key}}}""");
        Assert.That(
            ((string?)created.Body?["address"], (int?)created.Body?["port"], (string?)created.Body?["user_name"]),
            Is.EqualTo(("127.0.0.1", (int?)gate.Port, SshServer.User)),
            created.ToString()
        );
        var accepted = await AcceptAsync(created.Location!, await gate.FingerprintAsync());
        Assert.That((string?)accepted.Body?["state"], Is.EqualTo("reachable"), accepted.ToString());
        Assert.That(File.Exists(Path.Combine(folder.Path, "executed")), Is.False);
        foreach (
            var (more, field) in new[]
            {
                (""" "alias":"none" """, "alias"),
                (""" "alias":"behind" """, "alias"),
                (""" "alias":"web","port":1 """, "port"),
            }
        )
        {
            var refused = await Client.PostAsync("/api/v1/hosts", $$"""{"name":"refused",{{more}}}""");
            Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, field)), refused.ToString());
        }
    }

    private async Task<Guid> AddContainerAsync()
    {
        await using var scope = Server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var project = await db.Projects.SingleAsync(p => p.Id == Guid.Parse(Project));
        Resource container = Container.Create(project, "none", "box", new ContainerSpec("busybox"), null, TimeProvider.System.GetUtcNow());
        db.Resources.Add(container);
        await db.SaveChangesAsync(CancellationToken.None);
        return container.Id;
    }

    // As its plugin reports it.
    private Task MoveAsync(Guid container, string address) =>
        Server.ExecuteAsync(
            $$"""
            update resources set endpoints = '[{"name":"ssh","host":"{{address}}"}]', facts = '{"ssh_user":"{{SshServer.User}}"}',
              status = 'running' where id = '{{container}}'
            """
        );

    private async Task AssertRefusesAsync(string host, string problem)
    {
        var tested = (await Client.PostAsync($"{host}/test")).Body!;
        Assert.That((string)tested["state"]!, Is.EqualTo("login_refused"), tested.ToJsonString());
        Assert.That((string)tested["problem"]!, Does.Contain(problem).And.Not.Contain(folder.Path).And.Not.Contain("secret"));
    }

    private async Task<string> CreateTrustedAsync(SshServer server, string key)
    {
        var host = await CreateAsync(server, key);
        var accepted = await AcceptAsync(host, await server.FingerprintAsync());
        Assert.That(accepted.Status, Is.EqualTo(HttpStatusCode.OK), accepted.ToString());
        return host;
    }

    private async Task<string> CreateAsync(SshServer server, string key, string? jump = null)
    {
        var created = await PostAsync(server, key, jump);
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Created), created.ToString());
        return created.Location!;
    }

    private Task<Answer> PostAsync(SshServer server, string key, string? jump = null)
    {
        var body = JsonNode.Parse(key)!.AsObject();
        body["name"] = $"host-{Guid.NewGuid():N}";
        body["project_id"] = Project;
        body["address"] = jump is null ? "127.0.0.1" : SshServer.InnerName;
        body["port"] = server.Port;
        body["user_name"] = SshServer.User;
        body["jump_host_id"] = jump?.Split('/')[^1];
        return Client.PostAsync("/api/v1/hosts", body.ToJsonString());
    }

    /// <summary>Makes a key in the directory and lets it in.</summary>
    private async Task MakeKeyAsync(string name, SshServer server)
    {
        var file = Path.Combine(Keys, name);
        File.Delete(file);
        await ExecuteAsync("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
        await server.AuthorizeAsync(await File.ReadAllTextAsync($"{file}.pub"));
    }

    private async Task StartAgentAsync(string key)
    {
        _ = ChildProcess.RunAsync(new ChildCommand("/usr/bin/ssh-agent", ["-D", "-a", Agent], TimeSpan.FromMinutes(5)), end.Token);
        await Eventually.UntilAsync(() => File.Exists(Agent), "the agent listens");
        await ExecuteAsync("/usr/bin/ssh-add", ["-q", Path.Combine(Keys, key)]);
        File.Delete(Path.Combine(Keys, key));
    }

    private async Task ExecuteAsync(string program, string[] arguments)
    {
        var command = new ChildCommand(program, arguments, TimeSpan.FromSeconds(10))
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["SSH_AUTH_SOCK"] = Agent },
        };
        var result = await ChildProcess.RunAsync(command, CancellationToken.None);
        Assert.That(result.ExitCode, Is.Zero, result.ErrorTail);
    }
}
