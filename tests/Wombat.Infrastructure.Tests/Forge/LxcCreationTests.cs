using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Environment variables, user data and host names of containers.</summary>
[Category("Slow")]
public sealed class LxcCreationTests : LxcForgeTestBase
{
    private static readonly Dictionary<string, string> Hostile = new(StringComparer.Ordinal)
    {
        ["PLAIN"] = "value",
        ["_EMPTY"] = "",
        ["QUOTES"] = """it's "quoted" \ and \\n""",
        ["SHELL"] = "$HOME `id` $(id) ; rm -rf / # comment",
        ["SPECIFIER"] = "100%h %% ~",
        ["UNICODE"] = "ä€😀",
        ["EQUALS"] = "a=b=c",
        ["LD_PRELOAD"] = "/nowhere.so",
    };

    [Test]
    public async Task Environment_OfHostileValues_ReachesCommandsAndInit()
    {
        await Forge.CreateAsync("web", "busybox", "--environment-file", Environment(Hostile));
        ExpectVariables(await ExecAsync("web", "env"));
        ExpectVariables((await Forge.InsideAsync("web", "tr '\\0' '\\n' < /proc/1/environ")).Output);
        Assert.That(File.GetUnixFileMode(Path.Combine(Forge.Folder("web"), "environment.json")), Is.EqualTo(PrivateFiles.FileMode));

        await Forge.RunAsync("rebuild", "--id", "web");
        ExpectVariables(await ExecAsync("web", "env"));
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "s");
        await Forge.CreateAsync("copy", "busybox", "--from", "web", "--snapshot", "s");
        ExpectVariables(await ExecAsync("copy", "env"));
    }

    [Test]
    public async Task Debian_GivesTheEnvironmentToServicesAndSessions_AndRunsUserDataOnce()
    {
        using var keys = new TestFolder();
        var key = Path.Combine(keys.Path, "key");
        await Lxc.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
        const string Script = "#!/bin/sh\nenv > /root/environment\necho \"ran as $(id -u) with $PLAIN\" >> /root/ran\n";
        var created = await Forge.CreateAsync(
            "web",
            "debian-12",
            "--environment-file",
            Environment(Hostile),
            "--user-data-file",
            Text("script", Script),
            "--ssh-key-file",
            key + ".pub",
            "--network",
            "demo"
        );
        string[] ssh =
        [
            "-i",
            key,
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "ConnectTimeout=5",
            $"root@{(string)created["ip"]!}",
            "env",
        ];
        var session = await Eventually.GetAsync(
            () => Lxc.RunAsync("ssh", ssh),
            r => r.ExitCode == 0,
            "sshd answers",
            TimeSpan.FromSeconds(30)
        );
        ExpectVariables(session.Output);
        await ExpectUserDataAsync("ran as 0 with value\n");
        ExpectVariables((await Forge.InsideAsync("web", "cat /root/environment")).Output);

        await Forge.RunAsync("restart", "--id", "web");
        await Eventually.UntilAsync(
            async () =>
                (await Forge.InsideAsync("web", "systemctl is-system-running")).Output.StartsWith("running", StringComparison.Ordinal),
            "systemd has started everything",
            TimeSpan.FromSeconds(60)
        );
        await ExpectUserDataAsync("ran as 0 with value\n");
        await Forge.RunAsync("rebuild", "--id", "web");
        await ExpectUserDataAsync("ran as 0 with value\n");
    }

    [Test]
    public async Task UserData_OfBusybox_RunsOnce()
    {
        await Forge.CreateAsync("web", "busybox", "--user-data-file", Text("script", "#!/bin/sh\necho ran >> /root/ran\n"));
        await ExpectUserDataAsync("ran\n");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "s");
        await Forge.RunAsync("restart", "--id", "web");
        await StartedAsync("web");
        await ExpectUserDataAsync("ran\n");
        await Forge.CreateAsync("copy", "busybox", "--from", "web", "--snapshot", "s");
        await StartedAsync("copy");
        Assert.That((await Forge.InsideAsync("copy", "cat /root/ran")).Output, Is.EqualTo("ran\n"), "its snapshot has run it");
    }

    [TestCase("""{"A B":"x"}""", "'A B'")]
    [TestCase("""{"1A":"x"}""", "'1A'")]
    [TestCase("""{"A":"x\ny"}""", "'A'")]
    [TestCase("""{"A":" x"}""", "'A'")]
    [TestCase("""{"A":1}""", "JSON object of strings")]
    [TestCase("""["A"]""", "JSON object of strings")]
    [TestCase("""{"A":"x","A":"y"}""", "JSON object of strings")]
    [TestCase("""{""", "JSON object of strings")]
    public async Task Environment_ThatIsInvalid_NamesTheVariable(string json, string named)
    {
        var refused = await TryCreateAsync("--environment-file", Text("wrong", json));
        Assert.That(refused.ExitCode, Is.EqualTo(2), refused.ErrorTail);
        Assert.That(refused.ErrorTail, Does.Contain("--environment-file").And.Contain(named));
    }

    [TestCase("#cloud-config\n")]
    [TestCase("")]
    [TestCase("#!/bin/sh\0")]
    public async Task UserData_ThatIsNoScript_IsRefused(string script)
    {
        var refused = await TryCreateAsync("--user-data-file", Text("wrong", script));
        Assert.That(refused.ExitCode, Is.EqualTo(2), refused.ErrorTail);
        Assert.That(refused.ErrorTail, Does.Contain("--user-data-file: must be a script that begins with #!"));
    }

    [TestCase(null)]
    [TestCase("1")]
    public async Task Rename_ChangesTheHostNameNowAndAfterARestart(string? disk)
    {
        string[] size = disk is null ? [] : ["--disk", disk];
        await Forge.CreateAsync("web", "busybox", ["--network", "demo", "--hostname", "web", .. size]);
        await Forge.CreateAsync("db", "busybox", "--network", "demo", "--hostname", "db");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "older");
        await Forge.RunAsync("rename", "--id", "web", "--hostname", "shop");
        Assert.That((await Forge.InsideAsync("web", "hostname; cat /etc/hostname")).Output, Is.EqualTo("shop\nshop\n"));
        Assert.That((await Forge.InsideAsync("db", "ping -c 1 -W 2 shop.demo.wombat.internal")).ExitCode, Is.Zero);
        Assert.That((await Forge.InsideAsync("db", "cat /etc/hosts")).Output, Does.Not.Contain("web.demo"));

        await Forge.RunAsync("stop", "--id", "web");
        Assert.That((string)(await Forge.RunAsync("rename", "--id", "web", "--hostname", "store"))["status"]!, Is.EqualTo("stopped"));
        await Forge.RunAsync("start", "--id", "web");
        Assert.That((await Forge.InsideAsync("web", "hostname; cat /etc/hostname")).Output, Is.EqualTo("store\nstore\n"));
        await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "older");
        Assert.That((await Forge.InsideAsync("web", "hostname; cat /etc/hostname")).Output, Is.EqualTo("store\nstore\n"));
        await Forge.RunAsync("rebuild", "--id", "web");
        Assert.That((await Forge.InsideAsync("web", "hostname")).Output, Is.EqualTo("store\n"));
    }

    // Its start script has ended, so that a second init waits for the console, and the user data, if that has run.
    private Task StartedAsync(string name) =>
        Eventually.UntilAsync(
            async () => (await Forge.InsideAsync(name, "[ $(pidof init | wc -w) -eq 2 ] && ! pidof user-data")).ExitCode == 0,
            "BusyBox has started everything"
        );

    private Task<ChildResult> TryCreateAsync(params string[] more) =>
        Forge.TryAsync(["create", "--name", "web", "--template", "busybox", .. more]);

    private async Task<string> ExecAsync(string name, params string[] command)
    {
        var result = await Forge.TryAsync(["exec", "--id", name, "--", .. command]);
        Assert.That(result.ExitCode, Is.Zero, result.ErrorTail);
        return result.Output;
    }

    private Task ExpectUserDataAsync(string expected) =>
        Eventually.UntilAsync(
            async () => (await Forge.InsideAsync("web", "cat /root/ran")).Output == expected,
            "the user data has run once",
            TimeSpan.FromSeconds(30)
        );

    private static void ExpectVariables(string environment)
    {
        var lines = environment.Split('\n');
        foreach (var (name, value) in Hostile)
        {
            Assert.That(lines, Does.Contain($"{name}={value}"));
        }
    }

    private string Environment(Dictionary<string, string> variables) =>
        Text("environment", new JsonObject(variables.Select(v => KeyValuePair.Create<string, JsonNode?>(v.Key, v.Value))).ToJsonString());

    private string Text(string name, string content)
    {
        var file = Path.Combine(Forge.Data, name);
        File.WriteAllText(file, content);
        return file;
    }
}
