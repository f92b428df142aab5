using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Middleware;

/// <summary>Limits apply per user over all credentials; the cost of streams and plans does not grow with their number.</summary>
[NonParallelizable]
public sealed class UserRateLimitTests
{
    private const string ForgeCli = """
        echo "$1" >>"$(dirname "$0")/calls"
        case "$1" in
        health) echo '{"healthy":true,"message":"fine"}';;
        templates) echo '[{"name":"busybox","description":"small","accepts_ssh_keys":false,"changes_ssh_keys":false}]';;
        list) echo '[]';;
        *) exit 2;;
        esac
        """;

    [Test]
    public async Task Request_WhenUserExceedsTheRate_Is429OverAllTokens()
    {
        await using var server = await TestServer.StartAsync(Settings(("RATE_LIMIT_REQUESTS_PER_SECOND", "2")));
        var clients = await TokensAsync(server, 5);
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => clients[i % clients.Count].GetAsync("/api/v1/session")));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.OK), Is.InRange(8, 30), "the limit is shared by all tokens");
        Assert.That(
            answers.Where(a => a.Status != HttpStatusCode.OK).Select(a => (a.Status, a.Code)),
            Is.All.EqualTo((HttpStatusCode.TooManyRequests, "rate_limited"))
        );
    }

    [Test]
    public async Task Change_WhenUserExceedsTheRate_Is429AndReadsContinue()
    {
        await using var server = await TestServer.StartAsync(Settings(("RATE_LIMIT_CHANGES_PER_SECOND", "1")));
        var client = (await TokensAsync(server, 1))[0];
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(i => client.PostAsync("/api/v1/projects", $$"""{"name":"Project {{i}}","unix_name":"limited-{{i}}x"}"""))
        );
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.InRange(4, 20));
        Assert.That(answers.Count(a => a.Code == "rate_limited"), Is.GreaterThanOrEqualTo(20));
        Assert.That((await client.GetAsync("/api/v1/projects")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.Client.CreateProjectAsync()))), Has.Length.EqualTo(20));
    }

    [Test]
    public async Task Stream_WhenUserHasTooMany_Is429OverAllTokens()
    {
        await using var server = await TestServer.StartAsync(Settings(("RATE_LIMIT_STREAMS", "3")));
        var clients = await TokensAsync(server, 5);
        var open = new List<HttpResponseMessage>();
        foreach (var client in clients)
        {
            open.Add(await OpenAsync(client, "/api/v1/events"));
        }

        Assert.That(
            open.Select(o => o.StatusCode),
            Is.EqualTo(Enumerable.Repeat(HttpStatusCode.OK, 3).Concat(Enumerable.Repeat(HttpStatusCode.TooManyRequests, 2)))
        );
        open.Add(await OpenAsync((await TokensAsync(server, 1))[0], "/api/v1/events"));
        Assert.That(open[^1].StatusCode, Is.EqualTo(HttpStatusCode.OK), "another user has its own limit");
        open.ForEach(o => o.Dispose());
    }

    [Test]
    public async Task Request_WhenTooManyAreInFlight_Waits()
    {
        await using var server = await TestServer.StartAsync(
            Settings(("RATE_LIMIT_REQUESTS_IN_FLIGHT", "1"), ("RATE_LIMIT_EXPENSIVE_REQUESTS", "1"))
        );
        var client = (await TokensAsync(server, 1))[0];
        using var stream = await OpenAsync(client, "/api/v1/events");
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => client.GetAsync("/api/v1/projects?q=" + i)));
        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK));
        var many = await Task.WhenAll(Enumerable.Range(0, 250).Select(i => client.GetAsync("/api/v1/events?limit=200&action=x" + i)));
        Assert.That(many.Select(a => a.Status), Is.All.AnyOf(HttpStatusCode.OK, HttpStatusCode.TooManyRequests));
    }

    [Test]
    public async Task EventStreams_WithDifferentFilters_ShareOneReader()
    {
        await using var server = await TestServer.StartAsync();
        var open = new List<HttpResponseMessage>();
        for (var i = 0; i < 60; i++)
        {
            open.Add(await OpenAsync(server.Client, $"/api/v1/events?action=nothing.{i}"));
        }

        // Within seconds each stream has caught up and reads from memory only.
        var before = await ScansAsync(server);
        await Eventually.UntilAsync(
            async () =>
            {
                await server.Client.CreateProjectAsync();
                await Task.Delay(TimeSpan.FromSeconds(2));
                var now = await ScansAsync(server);
                var scans = now - before;
                before = now;
                return scans is >= 1 and < 60;
            },
            "two seconds with fewer reads of the events than streams"
        );
        open.ForEach(o => o.Dispose());
    }

    [Test]
    public async Task EventStream_OfAMember_ContainsOnlyVisibleMatchingEvents()
    {
        await using var server = await TestServer.StartAsync();
        var project = await server.Client.CreateProjectAsync();
        var (manager, _) = await server.Client.CreateMemberAsync(project, "project_manager");
        using var one = manager;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var seen = new List<string>();
        var reading = Task.Run(async () =>
        {
            await foreach (var got in EventStreamReader.ReadAsync(one, "/api/v1/events?action=project.updated", "0", limit.Token))
            {
                seen.Add(got.Data);
                if (seen.Count == 20)
                {
                    return;
                }
            }
        });
        var foreign = await server.Client.CreateProjectAsync();
        for (var i = 0; i < 20; i++)
        {
            await server.Client.PatchAsync($"/api/v1/projects/{foreign}", $$"""{"description":"foreign {{i}}"}""");
            await server.Client.PatchAsync($"/api/v1/projects/{project}", $$"""{"description":"own {{i}}"}""");
        }

        await reading;
        Assert.That(seen.Where(s => s.Contains(foreign, StringComparison.Ordinal)), Is.Empty);
        Assert.That(seen.Select((s, i) => s.Contains($"own {i}\"", StringComparison.Ordinal)), Is.All.True);
    }

    [Test]
    public async Task Plan_WhenRepeated_StartsNoProgram()
    {
        await using var server = await TestServer.StartAsync(
            Settings(
                ("PLUGINS_PROXMOX_DIALECT", "forge"),
                ("PLUGINS_HEALTH_INTERVAL_SECONDS", "3600"),
                ("RECONCILER_INTERVAL_SECONDS", "3600")
            ),
            cli: ForgeCli
        );
        var project = await server.Client.CreateProjectAsync();
        var calls = Path.Combine(server.DataDirectory, "calls");
        await Eventually.UntilAsync(
            () => File.Exists(calls) && File.ReadAllLines(calls).Contains("templates", StringComparer.Ordinal),
            "the first check of the plugin monitor"
        );
        var plans = await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(i =>
                    server.Client.PostAsync(
                        $"/api/v1/projects/{project}/containers/plan",
                        $$"""{"template":"{{(i % 2 == 0 ? "busybox" : "other")}}"}"""
                    )
                )
        );
        Assert.That(plans.Select((p, i) => (p.Status, (bool)p.Body!["possible"]!) == (HttpStatusCode.OK, i % 2 == 0)), Is.All.True);
        Assert.That(File.ReadAllLines(calls).Count(c => c is "health" or "templates"), Is.EqualTo(2));
    }

    private static Dictionary<string, string> Settings(params (string Name, string Value)[] settings) =>
        settings.ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal);

    private static async Task<List<WombatClient>> TokensAsync(TestServer server, int count)
    {
        var user = await server.Client.CreateUserAsync();
        var clients = new List<WombatClient>();
        for (var i = 0; i < count; i++)
        {
            clients.Add(server.Client.With((await server.Client.CreateTokenAsync(user)).Secret));
        }

        return clients;
    }

    private static async Task<HttpResponseMessage> OpenAsync(WombatClient client, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/event-stream" } } };
        return await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static Task<long> ScansAsync(TestServer server) =>
        server.ScalarAsync<long>(
            "select coalesce(sum(seq_scan + idx_scan), 0)::bigint from pg_stat_user_tables where relname = 'events' "
                + "or relname like 'events\\_2%'"
        )!;
}
