using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wombat.Infrastructure.Audit;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Audit;

/// <summary>The events as audit: closed to changes, chained, signed; who tampers is found.</summary>
public sealed class AuditTests
{
    private const string Verification = "/api/v1/audit/verification";
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [SetUp]
    public async Task Start() => server = await TestServer.StartAsync();

    [TearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Change_WhenItFails_RecordsTheFailureAndNoChange()
    {
        var project = await Admin.CreateProjectAsync();
        var (viewer, _) = await Admin.CreateMemberAsync(project, "viewer");
        var (stranger, _) = await Admin.CreateMemberAsync();
        var path = $"/api/v1/projects/{project}";
        (Answer Answer, string Action, string Outcome, string Code)[] failures =
        [
            (await viewer.PatchAsync(path, """{"name":"Viewers change nothing"}"""), "request.refused", "refused", "forbidden"),
            (await stranger.DeleteAsync(path), "request.refused", "refused", "project_not_found"),
            (
                await Admin.PatchAsync(path, """{"name":"Stale change"}""", ("If-Match", "\"77\"")),
                "request.failed",
                "failure",
                "stale_version"
            ),
        ];
        foreach (var (answer, action, outcome, code) in failures)
        {
            var trace = (string)answer.Body!["trace_id"]!;
            var written = await server.ScalarAsync<string>(
                "select concat_ws(' ', action, outcome, after->>'code', target_id, project_id, address) from events "
                    + $"where request_id = '{trace}'"
            );
            Assert.That(
                written,
                Is.EqualTo($"{action} {outcome} {code} {project} {(code == "project_not_found" ? "" : project + " ")}127.0.0.1"),
                "a stranger's refusal is not among the project's events"
            );
            Assert.That(answer.Status, Is.Not.EqualTo(HttpStatusCode.OK), answer.ToString());
        }

        var mistyped = await Admin.PatchAsync(path, """{"name":"x"}""");
        Assert.That(
            await server.ScalarAsync<long>($"select count(*) from events where request_id = '{mistyped.Body!["trace_id"]}'"),
            Is.Zero,
            "a typing error is no event"
        );
        Assert.That(await server.ScalarAsync<int>($"select version from projects where id = '{project}'"), Is.EqualTo(1));
        Assert.That(
            await server.ScalarAsync<long>(
                $"select count(*) from events where action in ('project.updated', 'project.deleted') and project_id = '{project}'"
            ),
            Is.Zero
        );
    }

    [Test]
    public async Task Request_WhenCredentialIsWrong_RecordsTheRefusal()
    {
        using var wrong = Admin.With("wombat_" + new string('0', 64));
        var answer = await wrong.GetAsync("/api/v1/projects");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(
            await server.ScalarAsync<long>(
                "select count(*) from events where action = 'request.refused' and actor = 'anonymous' and after->>'status' = '401'"
            ),
            Is.EqualTo(1)
        );
    }

    [TestCase("update events set actor = 'someone else'")]
    [TestCase("update events set actor_id = null")]
    [TestCase("delete from events")]
    [TestCase("truncate events")]
    [TestCase("update event_positions set position = position + 1000")]
    [TestCase("delete from event_positions")]
    public async Task Tables_WhenChangedByTheApplicationsRole_Refuse(string sql)
    {
        await StampedAsync();
        var refused = Assert.ThrowsAsync<PostgresException>(() => server.ExecuteAsync(sql));
        Assert.That(refused!.MessageText, Does.StartWith("the audit is append-only"));
    }

    // Each done as a superuser would who switches the guard off.
    [TestCase(
        "update events set actor = 'someone else' where id = (select event_id from event_positions where position = 2)",
        "events",
        2,
        "not what was chained"
    )]
    [TestCase(
        "update events set after = after || '{\"name\":\"Other\"}' where id = (select event_id from event_positions where position = 3)",
        "events",
        3,
        "not what was chained"
    )]
    [TestCase(
        "update events set actor_id = null where id = (select event_id from event_positions where position = 3)",
        "events",
        3,
        "not what was chained"
    )]
    [TestCase("delete from events where id = (select event_id from event_positions where position = 2)", "events", 2, "missing")]
    [TestCase("delete from event_positions where position = 3", "event_positions", 3, "missing")]
    [TestCase("delete from event_positions where position >= 4", "event_positions", 4, "gone")]
    [TestCase(
        "update event_positions set event_id = case position when 2 then (select event_id from event_positions "
            + "where position = 3) else (select event_id from event_positions where position = 2) end where position in (2, 3)",
        "event_positions",
        2,
        "not what was chained"
    )]
    public async Task Verify_WhenARowWasChanged_NamesItsPosition(string sql, string table, int position, string problem)
    {
        await StampedAsync();
        Assert.That((bool)(await Admin.GetAsync(Verification)).Body!["intact"]!, Is.True);
        await server.ExecuteAsync(
            $"alter table {table} disable trigger user; drop index if exists ux_event_positions_event; {sql}; alter table "
                + $"{table} enable trigger user"
        );
        var found = (await Admin.GetAsync(Verification)).Body!;
        Assert.That((bool)found["intact"]!, Is.False);
        Assert.That((int)found["broken"]!["position"]!, Is.EqualTo(position));
        Assert.That((string)found["broken"]!["problem"]!, Does.Contain(problem));
    }

    [Test]
    public async Task Verify_WhenChainWasRewritten_FindsItByTheSignedHead()
    {
        await StampedAsync();
        await server.Services.GetRequiredService<AuditMaintenance>().SignAsync(CancellationToken.None);
        Assert.That((int)(await Admin.GetAsync(Verification)).Body!["heads"]!, Is.EqualTo(1));

        // Whoever holds the database alone can make the chain fit again, but not sign it.
        await server.ExecuteAsync(
            """
            alter table events disable trigger user; alter table event_positions disable trigger user;
            update events set actor = 'someone else' where id = (select event_id from event_positions where position = 1);
            with links as (select p.position, event_chain('\x', p.position, event_digest(e)) over (order by p.position) as hash
                from event_positions p join events e on e.id = p.event_id)
            update event_positions p set hash = links.hash from links where links.position = p.position;
            """
        );
        var found = (await Admin.GetAsync(Verification)).Body!;
        Assert.That((string)found["broken"]!["problem"]!, Does.Contain("rewritten"));
    }

    // Each as the owner of the database would do it: the chain is rewritten from its beginning, and heads that would show it are removed.
    [TestCase("delete from audit_heads", true, "was signed here and is gone")]
    [TestCase("delete from audit_heads", false, "nor a later one has a signed head")]
    [TestCase("delete from audit_heads where number = 3", true, "was signed here and is gone")]
    [TestCase("delete from audit_heads where number = 2", false, "The signed head 2 is gone")]
    [TestCase("delete from audit_heads where number < 3", false, "rewritten")]
    public async Task Verify_WhenHeadsWereRemoved_FindsIt(string removal, bool withFile, string problem)
    {
        await StampedAsync();
        var heads = server.Services.GetRequiredService<AuditHeads>();
        var key = server.Services.GetRequiredService<AuditKey>();
        await server.Services.GetRequiredService<AuditMaintenance>().SignAsync(CancellationToken.None);
        for (var day = 1; day <= 2; day++)
        {
            var last = (await heads.LastAsync(CancellationToken.None))!;
            var head = last.Head with { Number = last.Head.Number + 1, Previous = last.Digest(), Day = $"2020-01-0{day}" };
            var signed = new StoredHead(head, key.Id, key.Sign(head));
            Assert.That(await heads.AddAsync(signed, DateTimeOffset.UnixEpoch, CancellationToken.None), Is.True);
            heads.Remember(signed);
        }

        Assert.That((await Admin.GetAsync(Verification)).Text, Does.Contain("\"intact\":true").And.Contain("\"heads\":3"));
        await server.ExecuteAsync(
            $"""
            alter table events disable trigger user; alter table event_positions disable trigger user;
            alter table audit_heads disable trigger user;
            {removal};
            update events set actor = 'someone else' where id = (select event_id from event_positions where position = 1
                and not exists (select 1 from audit_heads where number = 1));
            with links as (select p.position, event_chain('\x', p.position, event_digest(e)) over (order by p.position) as hash
                from event_positions p join events e on e.id = p.event_id)
            update event_positions p set hash = links.hash from links where links.position = p.position;
            update event_sequencer set hash = (select hash from event_positions order by position desc limit 1);
            """
        );
        if (!withFile)
        {
            File.Delete(key.HeadFile);
        }

        // As verified later: whoever holds the database may sign no head in the meantime.
        var verifier = new AuditVerifier(
            server.Services.GetRequiredService<NpgsqlDataSource>(),
            key,
            heads,
            new LaterClock(TimeSpan.FromDays(2))
        );
        var found = await verifier.VerifyAsync(CancellationToken.None);
        Assert.That(found.Broken?.Problem, Does.Contain(problem), removal);
    }

    [Test]
    public async Task Event_WhenClientSendsATraceId_HasBothTraceIds()
    {
        const string Chosen = "4bf92f3577b34da6a3ce929d0e0e4736";
        var answer = await Admin.PostAsync(
            "/api/v1/projects",
            """{"name":"Traced","unix_name":"traced"}""",
            ("traceparent", $"00-{Chosen}-00f067aa0ba902b7-01")
        );
        await StampedAsync();
        var written = (await Admin.GetAsync($"/api/v1/events?target_id={answer.Body!["id"]}")).Body!["items"]![0]!;
        Assert.That(
            ((string?)written["request_id"], (string?)written["client_trace_id"]),
            Is.EqualTo((answer.Headers.GetValues("Trace-Id").Single(), Chosen))
        );
        Assert.That((bool)(await Admin.GetAsync(Verification)).Body!["intact"]!, Is.True);
    }

    [Test]
    public async Task Retention_WhenAMonthIsDropped_LeavesAVerifiableRest()
    {
        await StampedAsync();
        await server.ExecuteAsync("select ensure_event_partition('2020-01-01')");
        var old = Guid.Parse("016f5e66-e800-7000-8000-000000000001");
        await server.ExecuteAsync(
            "insert into events (id, at, actor, through, action, target_type, target_id, outcome) "
                + $"values ('{old}', '2020-01-01', 'old', 'system', 'a.b', 'c', '{old}', 'success')"
        );
        await using var keeping = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["AUDIT_RETENTION_DAYS"] = "30" },
            share: server
        );
        await Eventually.UntilAsync(
            async () => await server.ScalarAsync<long>($"select count(*) from event_positions where event_id = '{old}'") == 1,
            "the old event has its position"
        );

        // Who reads is not waited for, since all writers would wait behind.
        var keeper = keeping.Services.GetRequiredService<AuditMaintenance>();
        await using (var reader = await server.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync())
        await using (await reader.BeginTransactionAsync())
        {
            await using var read = new NpgsqlCommand("select count(*) from events", reader);
            await read.ExecuteScalarAsync();
            var refused = Assert.ThrowsAsync<PostgresException>(() => keeper.DropOldAsync(CancellationToken.None));
            Assert.That(refused!.SqlState, Is.EqualTo(PostgresErrorCodes.LockNotAvailable));
            Assert.That(await server.ScalarAsync<long>($"select count(*) from events where id = '{old}'"), Is.EqualTo(1));
        }

        await keeper.DropOldAsync(CancellationToken.None);
        Assert.That(
            await server.ScalarAsync<long>(
                "select count(*) from event_positions, event_sequencer where event_positions.position <= floor_position"
            ),
            Is.Zero
        );
        Assert.That(await server.ScalarAsync<long>($"select count(*) from events where id = '{old}'"), Is.Zero);
        Assert.That(await server.ScalarAsync<string>("select to_regclass('events_2020_01')::text"), Is.Null);
        await Admin.CreateProjectAsync();
        var found = (await Admin.GetAsync(Verification)).Body!;
        Assert.That((bool)found["intact"]!, Is.True, found.ToJsonString());
        Assert.That((long)found["from_position"]!, Is.GreaterThan(1));
    }

    [Test]
    public async Task List_WithFiltersAndAsExport_ReturnsTheMatchingEvents()
    {
        var (ann, annId) = await Admin.CreateMemberAsync();
        var project = await ann.CreateProjectAsync();
        await Admin.CreateProjectAsync();
        await StampedAsync();
        var login = (string)(await Admin.GetAsync($"/api/v1/users/{annId}")).Body!["login"]!;
        Assert.That(Actions(await Admin.GetAsync($"/api/v1/events?actor={login}")), Is.EqualTo(new[] { "project.created" }));
        Assert.That(
            Actions(await Admin.GetAsync($"/api/v1/events?target_id={annId}")),
            Is.EqualTo(new[] { "user.created", "token.created" })
        );
        Assert.That(Actions(await Admin.GetAsync($"/api/v1/events?project_id={project}&action=project.created")), Has.Length.EqualTo(1));
        Assert.That(Actions(await Admin.GetAsync("/api/v1/events?to=2020-01-01T00:00:00Z")), Is.Empty);
        Assert.That(Actions(await Admin.GetAsync("/api/v1/events?from=2020-01-01T00:00:00Z&actor=" + login)), Has.Length.EqualTo(1));
        var export = await Admin.GetAsync("/api/v1/events", ("Accept", "application/x-ndjson"));
        var lines = export.Text.TrimEnd('\n').Split('\n').Select(l => JsonNode.Parse(l)!).ToList();
        Assert.That(lines.Select(l => (long)l["position"]!), Is.EqualTo(Enumerable.Range(1, lines.Count).Select(i => (long)i)));
        Assert.That(lines, Has.Count.EqualTo(await server.ScalarAsync<long>("select count(*) from events")));
    }

    [Test]
    public async Task Actors_WhenTheyShareAName_AreDistinguishedById()
    {
        var (one, other) = (await ServiceAccountAsync(), await ServiceAccountAsync());
        var (key, user) = (("Idempotency-Key", "build-42"), await Admin.CreateUserAsync());
        foreach (var (client, project, _) in new[] { one, other })
        {
            using var ci = client;
            Assert.That(
                (await ci.PostAsync($"/api/v1/projects/{project}/members", $$"""{"user_id":"{{user}}","role":"viewer"}""", key)).Status,
                Is.EqualTo(HttpStatusCode.Created),
                "a key is its token's own"
            );
            await Admin.WaitForJobAsync((await ci.DeleteAsync($"/api/v1/projects/{project}?cascade=true")).Location!);
            Assert.That(
                (await ci.GetAsync("/api/v1/session")).Status,
                Is.EqualTo(HttpStatusCode.Unauthorized),
                "a token ends with its project"
            );
        }

        await StampedAsync();
        var actors = (await Admin.GetAsync("/api/v1/events?action=project.deleted")).Body!["items"]!
            .AsArray()
            .Select(e => ((string?)e!["actor"], (string?)e["through"], (string?)e["actor_id"]));
        Assert.That(actors, Is.EqualTo(new[] { ("service:ci", "job", one.Token), ("service:ci", "job", other.Token) }));
        Assert.That(
            Actions(await Admin.GetAsync($"/api/v1/events?actor_id={one.Token}&project_id={one.Project}")),
            Does.Contain("project.deleted")
        );
        Assert.That(Actions(await Admin.GetAsync($"/api/v1/events?actor_id={one.Token}&project_id={other.Project}")), Is.Empty);
    }

    private async Task<(WombatClient Client, string Project, string Token)> ServiceAccountAsync()
    {
        var project = await Admin.CreateProjectAsync();
        var made = (await Admin.PostAsync($"/api/v1/projects/{project}/tokens", """{"name":"ci","scopes":["manage"]}""")).Body!;
        return (Admin.With((string)made["token"]!), project, (string)made["id"]!);
    }

    // Some events, all with their positions.
    private async Task StampedAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            await Admin.CreateProjectAsync();
        }

        await Eventually.GetAsync(
            () => server.ScalarAsync<long>("select (select count(*) from events) - (select count(*) from event_positions)")!,
            missing => missing == 0,
            "all events have a position"
        );
    }

    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }

    private static string[] Actions(Answer answer) => [.. answer.Body!["items"]!.AsArray().Select(e => (string)e!["action"]!)];
}
