using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>How ports are assigned and published; the containers are files of a script.</summary>
public sealed class PublishedPortTests
{
    // A container has an address that no interface of this machine has; the template says otherwise.
    private const string Script = """
        state="$(dirname "$0")/made"; mkdir -p "$state"
        command="$1"; shift
        while [ $# -gt 0 ]; do case "$1" in --name) name="$2";; --template) template="$2";; --id) id="$2";; esac; shift 2; done
        answer() { echo "{\"id\":\"$1\",\"name\":\"$1\",\"status\":\"running\",\"ip\":\"$(cat "$state/$1")\"}"; }
        case "$command" in
        create) case "$template" in own) ip=127.0.0.1;; *) ip=10.255.254.253;; esac; echo "$ip" >"$state/$name"; answer "$name";;
        status) [ -f "$state/$id" ] || { echo "no such container" >&2; exit 3; }; answer "$id";;
        delete) rm -f "$state/$id"; echo '{"status":"deleted"}';;
        *) exit 2;;
        esac
        """;

    private readonly int first = FreePort.Row(60);
    private TestServer server = null!;
    private string project = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(Settings($"{first}-{first + 4}"), cli: Script);
        project = await Client.CreateProjectAsync();
    }

    [OneTimeTearDown]
    public ValueTask Stop() => server.DisposeAsync();

    [TestCase("""[{"container":0}]""", "ports[0].container")]
    [TestCase("""[{"container":65536}]""", "ports[0].container")]
    [TestCase("""[{}]""", "ports[0].container")]
    [TestCase("""[null]""", "ports[0].container")]
    [TestCase("""[{"container":80,"host":22}]""", "ports[0].host")]
    [TestCase("""[{"container":80},{"container":80}]""", "ports")]
    [TestCase("""[{"container":80,"host":"some"}]""", "ports[0].host")]
    [TestCase("""[{"container":80,"host":1.5}]""", "ports[0].host")]
    [TestCase("""[{"container":80,"udp":true}]""", "ports[0].udp")]
    [TestCase("""80""", "ports")]
    public async Task Create_WithWrongPorts_NamesTheField(string ports, string field)
    {
        var answer = await CreateAsync(project, ports);
        Assert.That((answer.Status, answer.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, field)), answer.ToString());
    }

    [Test]
    public async Task Create_WithPortsThatAreTheSame_NamesTheField()
    {
        var same = await CreateAsync(project, $$"""[{"container":80,"host":{{first}}},{"container":81,"host":{{first}}}]""");
        Assert.That((same.Status, same.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "ports")));
        var many = await CreateAsync(project, $"[{string.Join(',', Enumerable.Range(1, 17).Select(i => $$"""{"container":{{i}}}"""))}]");
        Assert.That((many.Status, many.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "ports")));
    }

    [Test]
    public async Task Create_WithThePortOfAnotherContainer_NamesIt()
    {
        var ports = $$"""[{"container":80,"host":{{first + 4}}},{"container":81,"host":{{first + 1}}}]""";
        var made = await CreateAsync(project, $$"""[{"container":80,"host":{{first + 1}}}]""");
        Assert.That((int)made.Status, Is.EqualTo(202), made.ToString());
        var taken = await CreateAsync(await Client.CreateProjectAsync(), ports);
        Assert.That((int)taken.Status, Is.EqualTo(400), taken.ToString());
        Assert.That((string)taken.Body!["errors"]!["ports[1].host"]![0]!, Is.EqualTo($"{first + 1} is taken by another container"));
        var plan = (await CreateAsync(project, ports, plans: true)).Body!;
        Assert.That(((bool)plan["possible"]!, (string)plan["objections"]![0]!["field"]!), Is.EqualTo((false, "ports[1].host")));

        var deleted = (string)made.Body!["id"]!;
        await Client.WaitForJobAsync((await Client.DeleteAsync($"/api/v1/projects/{project}/containers/{deleted}")).Location!);
        Assert.That((int)(await CreateAsync(project, ports)).Status, Is.EqualTo(202), "a deleted container has no ports");
    }

    [Test]
    public async Task Port_TakenByAnotherProgram_IsNamedUntilItIsFree()
    {
        using var stranger = new TcpListener(IPAddress.Loopback, first + 2);
        stranger.Start();
        var path = await RunningAsync($$"""[{"container":80,"host":{{first + 2}}}]""");
        var failed = await PortAsync(path, p => p["error"] is not null);
        Assert.That((string)failed["error"]!, Does.StartWith($"127.0.0.1:{first + 2} is in use by another program on the host "));
        Assert.That(failed["url"], Is.Null);
        stranger.Stop();
        var published = await PortAsync(path, p => p["url"] is not null);
        Assert.That(((string)published["url"]!, (string?)published["error"]), Is.EqualTo(($"http://127.0.0.1:{first + 2}", (string?)null)));
    }

    [Test]
    public async Task Port_OfAContainerWithAnAddressOfItsHost_IsNotPublished()
    {
        var path = await RunningAsync($$"""[{"container":{{Client.Address.Port}},"host":{{first + 3}}}]""", template: "own");
        var failed = await PortAsync(path, p => p["error"] is not null);
        Assert.That((string)failed["error"]!, Is.EqualTo("The address 127.0.0.1 of the container is an address of its host."));
        Assert.That(IsOpen(first + 3), Is.False);
    }

    [Test]
    public async Task ChangePorts_OfARunningContainer_OpensAndClosesThem()
    {
        var settings = Settings($"{first + 50}-{first + 59}");
        settings["QUOTAS_PUBLISHED_PORTS_PER_PROJECT"] = "3";
        await using var other = await TestServer.StartAsync(settings, cli: Script);
        var client = other.Client;
        var there = await client.CreateProjectAsync();
        var path = PathOf(await CreateAsync(there, """[{"container":80},{"container":81}]""", client: client));
        var kept = (int)(await PortAsync(path, p => p["url"] is not null, client))["host"]!;
        var read = (await client.GetAsync(path)).Body!;
        var closed = (int)read["ports"]![1]!["host"]!;
        var added = Enumerable.Range(first + 50, 10).First(p => p != kept && p != closed);

        var changed = await client.PutAsync(
            $"{path}/ports",
            $$"""{"ports":[{{read["ports"]![0]!.ToJsonString()}},{"container":82,"host":{{added}}}]}"""
        );
        Assert.That(changed.Status, Is.EqualTo(HttpStatusCode.OK), changed.ToString());
        Assert.That(Ports(changed), Is.EqualTo(new[] { (80, kept), (82, added) }));
        await Eventually.UntilAsync(() => !IsOpen(closed) && IsOpen(added) && IsOpen(kept), "the ports are as requested");

        var auto = await client.PutAsync(
            $"{path}/ports",
            """{"ports":[{"container":82},{"container":83,"host":"auto"},{"container":80}]}"""
        );
        Assert.That(Ports(auto), Has.Length.EqualTo(3).And.SupersetOf(new[] { (82, added), (80, kept) }));
        var swapped = await client.PutAsync($"{path}/ports", $$"""{"ports":[{"container":80},{"container":82,"host":{{kept}}}]}""");
        Assert.That(Ports(swapped)[1], Is.EqualTo((82, kept)));
        Assert.That(Ports(swapped)[0].Host, Is.Not.EqualTo(kept), "the one that is named goes first");

        var many = await client.PutAsync(
            $"{path}/ports",
            """{"ports":[{"container":1},{"container":2},{"container":3},{"container":4}]}"""
        );
        Assert.That(((int)many.Status, many.Code), Is.EqualTo((422, "budget_exceeded")), many.ToString());
        var stale = await client.PutAsync($"{path}/ports", """{"ports":[]}""", ("If-Match", "\"1\""));
        Assert.That((int)stale.Status, Is.EqualTo(412));
        var none = await client.PutAsync($"{path}/ports", """{"ports":[]}""");
        Assert.That(none.Body!["ports"]!.AsArray(), Is.Empty);
        await Eventually.UntilAsync(() => !IsOpen(added) && !IsOpen(kept), "all are closed");
        var events = (await client.GetAsync($"{path}/events?limit=100")).Body!["items"]!.AsArray();
        var last = events.Last(e => (string)e!["action"]! == "container.ports_changed")!;
        Assert.That((last["before"]!["ports"]!.AsArray().Count, last["after"]!["ports"]!.AsArray().Count), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task ChangePorts_ThatCannotBe_IsRefused()
    {
        var one = PathOf(await CreateAsync(project, $$"""[{"container":80,"host":{{first}}}]"""));
        var two = PathOf(await CreateAsync(project, "[]"));
        var taken = await Client.PutAsync($"{two}/ports", $$"""{"ports":[{"container":80,"host":{{first}}}]}""");
        Assert.That((string)taken.Body!["errors"]!["ports[0].host"]![0]!, Is.EqualTo($"{first} is taken by another container"));
        var wrong = await Client.PutAsync($"{two}/ports", """{"ports":[{"container":80,"host":22}]}""");
        Assert.That((wrong.Status, wrong.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "ports[0].host")));
        await Client.WaitForJobAsync((await Client.DeleteAsync(one)).Location!);
        var gone = await Client.PutAsync($"{one}/ports", """{"ports":[]}""");
        Assert.That((gone.Status, gone.Code), Is.EqualTo((HttpStatusCode.Conflict, "resource_gone")));
    }

    [Test]
    public async Task Create_AtTheSameTime_AssignsEachPortOnce()
    {
        await using var small = await TestServer.StartAsync(Settings($"{first + 10}-{first + 19}"), cli: Script);
        using var stranger = new TcpListener(IPAddress.Loopback, first + 15);
        stranger.Start();
        var projects = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => small.Client.CreateProjectAsync()));
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(i => CreateAsync(projects[i % 3], """[{"container":80}]""", client: small.Client))
        );
        var assigned = answers.Where(a => (int)a.Status == 202).Select(a => (int)a.Body!["ports"]![0]!["host"]!).ToArray();
        Assert.That(assigned, Is.Unique.And.Length.EqualTo(9).And.Not.Contains(first + 15), "the port of the other program is left out");
        Assert.That(
            answers.Where(a => (int)a.Status != 202).Select(a => ((int)a.Status, (string)a.Body!["errors"]!["ports[0].host"]![0]!)),
            Is.All.EqualTo((400, $"no port from {first + 10} to {first + 19} is free"))
        );
    }

    [Test]
    public async Task Create_WhereContainersAreElsewhere_IsRefused()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["QUOTAS_PUBLISHED_PORTS_PER_PROJECT"] = "2" };
        await using var remote = await TestServer.StartAsync(settings, cli: Script);
        var there = await remote.Client.CreateProjectAsync();
        var refused = await CreateAsync(there, """[{"container":80}]""", client: remote.Client);
        Assert.That(
            (string)refused.Body!["errors"]!["ports"]![0]!,
            Is.EqualTo("the plugin proxmox does not publish ports of its containers")
        );
    }

    [Test]
    public async Task Create_BeyondThePortsOfAProject_IsRefused()
    {
        var settings = Settings($"{first + 20}-{first + 29}");
        settings["QUOTAS_PUBLISHED_PORTS_PER_PROJECT"] = "2";
        await using var bounded = await TestServer.StartAsync(settings, cli: Script);
        var there = await bounded.Client.CreateProjectAsync();
        const string Two = """[{"container":80},{"container":81}]""";
        Assert.That((int)(await CreateAsync(there, Two, client: bounded.Client)).Status, Is.EqualTo(202));
        var refused = await CreateAsync(there, """[{"container":80}]""", client: bounded.Client);
        Assert.That(((int)refused.Status, refused.Code), Is.EqualTo((422, "budget_exceeded")), refused.ToString());
        Assert.That((int)(await CreateAsync(there, "[]", client: bounded.Client)).Status, Is.EqualTo(202), "it takes none");
        Assert.That(
            (int)(await CreateAsync(await bounded.Client.CreateProjectAsync(), Two, client: bounded.Client)).Status,
            Is.EqualTo(202)
        );
    }

    [Test]
    public async Task Addresses_SomeOfWhichAreNotOfThisMachine_AreNamed()
    {
        var settings = Settings($"{first + 9}-{first + 9}");
        settings["PUBLISH_ADDRESSES"] = "192.0.2.77,127.0.0.3";
        settings["PUBLISH_HOST"] = "apps.example.org";
        await using var other = await TestServer.StartAsync(settings, cli: Script);
        var made = await CreateAsync(await other.Client.CreateProjectAsync(), """[{"container":80}]""", client: other.Client);
        var port = await PortAsync(PathOf(made), p => p["url"] is not null, other.Client);
        Assert.That((string)port["url"]!, Is.EqualTo($"http://apps.example.org:{first + 9}"));
        Assert.That((string)port["error"]!, Does.StartWith("192.0.2.77 is not an address of the host "));
        Assert.That((IsOpen(first + 9, "127.0.0.3"), IsOpen(first + 9)), Is.EqualTo((true, false)));
    }

    [Test, Category("Slow")]
    public async Task Replicas_WithHostsOfTheirOwn_PublishOnlyTheirContainers()
    {
        var near = Settings($"{first + 30}-{first + 39}");
        var far = new Dictionary<string, string>(near, StringComparer.Ordinal) { ["PUBLISH_ADDRESSES"] = "127.0.0.4" };
        await using var one = await TestServer.StartAsync(near, cli: Script);
        using var folder = new TestFolder();
        await using var two = await TestServer.StartAsync(far, replicaOf: one, dataDirectory: folder, cli: Script);
        var there = await one.Client.CreateProjectAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CreateAsync(there, """[{"container":80}]""", client: one.Client)));
        foreach (var answer in made)
        {
            var port = await PortAsync(PathOf(answer), p => p["url"] is not null, one.Client);
            var host = (await one.ScalarAsync<string>($"select host_id::text from resources where id = '{answer.Body!["id"]}'"))!;
            var address = (await File.ReadAllTextAsync(Path.Combine(folder.Path, "host-id"))).StartsWith(host, StringComparison.Ordinal)
                ? "127.0.0.4"
                : "127.0.0.1";
            Assert.That((string)port["url"]!, Is.EqualTo($"http://{address}:{port["host"]}"));
            Assert.That(IsOpen((int)port["host"]!, address == "127.0.0.1" ? "127.0.0.4" : "127.0.0.1"), Is.False, "not on the other host");
        }
    }

    [Test, Category("Slow")]
    public async Task Server_ThatWasKilled_PublishesAgainWhenItStarts()
    {
        using var folder = new TestFolder();
        var port = first + 40;
        var environment = Settings($"{port}-{port}").ToDictionary(s => "WOMBAT_" + s.Key, s => s.Value, StringComparer.Ordinal);
        environment["WOMBAT_PLUGINS_PROXMOX_CLI_PATH"] = ScriptedCli.Write(folder.Path, "cli", Script);
        environment["ConnectionStrings__Wombat"] = await SharedPostgres.NewMigratedDatabaseAsync();
        await using (var killed = WombatProcess.Start(folder.Path, environment))
        {
            using var client = await killed.ReadyAsync(folder.Path);
            var made = await CreateAsync(await client.CreateProjectAsync(), """[{"container":80}]""", client: client);
            await PortAsync(PathOf(made), p => p["url"] is not null, client);
            Assert.That(IsOpen(port), Is.True);
            await killed.KillAsync();
            Assert.That(IsOpen(port), Is.False);
        }

        await using var started = WombatProcess.Start(folder.Path, environment);
        await started.ListensAsync();
        await Eventually.UntilAsync(() => IsOpen(port), "the port is published again");
    }

    private static Dictionary<string, string> Settings(string ports) =>
        new(StringComparer.Ordinal)
        {
            ["PLUGINS_PROXMOX_HOST_BOUND"] = "true",
            ["RECONCILER_INTERVAL_SECONDS"] = "1",
            ["PUBLISH_PORTS"] = ports,
        };

    private Task<Answer> CreateAsync(
        string project,
        string ports,
        string template = "t",
        WombatClient? client = null,
        bool plans = false
    ) =>
        (client ?? Client).PostAsync(
            $"/api/v1/projects/{project}/containers{(plans ? "/plan" : "")}",
            $$"""{"template":"{{template}}","ports":{{ports}}}"""
        );

    private static string PathOf(Answer made) =>
        (int)made.Status == 202
            ? $"/api/v1/projects/{made.Body!["project_id"]}/containers/{made.Body["id"]}"
            : throw new InvalidOperationException($"No container: {made}");

    private static (int Container, int Host)[] Ports(Answer answer) =>
        [.. answer.Body!["ports"]!.AsArray().Select(p => ((int)p!["container"]!, (int)p["host"]!))];

    private async Task<string> RunningAsync(string ports, string template = "t")
    {
        var made = await CreateAsync(project, ports, template);
        await Client.WaitAsync(PathOf(made), "status", TimeSpan.FromSeconds(30), "running");
        return PathOf(made);
    }

    private async Task<JsonNode> PortAsync(string path, Func<JsonNode, bool> condition, WombatClient? client = null) =>
        (
            await Eventually.GetAsync(
                () => (client ?? Client).GetAsync(path),
                a => condition(a.Body!["ports"]![0]!),
                "the state of the port"
            )
        ).Body!["ports"]![0]!;

    private static bool IsOpen(int port, string address = "127.0.0.1")
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Parse(address), port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
