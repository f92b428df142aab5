using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Audit;

/// <summary>The events that the audit records for a request.</summary>
public sealed class AuditTests : AuditTestBase
{
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
            var written = await Server.ScalarAsync<string>(
                "select concat_ws(' ', action, outcome, after->>'code', target_id, project_id, address) from events "
                    + $"where request_id = '{trace}'"
            );
            Assert.That(
                written,
                Is.EqualTo($"{action} {outcome} {code} {project} {(code == "project_not_found" ? "" : project + " ")}127.0.0.1"),
                "a refused request of a non-member is not among the project's events"
            );
            Assert.That(answer.Status, Is.Not.EqualTo(HttpStatusCode.OK), answer.ToString());
        }

        var mistyped = await Admin.PatchAsync(path, """{"name":"x"}""");
        Assert.That(
            await Server.ScalarAsync<long>($"select count(*) from events where request_id = '{mistyped.Body!["trace_id"]}'"),
            Is.Zero,
            "a request with invalid input is not an event"
        );
        Assert.That(await Server.ScalarAsync<int>($"select version from projects where id = '{project}'"), Is.EqualTo(1));
        Assert.That(
            await Server.ScalarAsync<long>(
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
            await Server.ScalarAsync<long>(
                "select count(*) from events where action = 'request.refused' and actor = 'anonymous' and after->>'status' = '401'"
            ),
            Is.EqualTo(1)
        );
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
        await CreateSequencedEventsAsync();
        var written = (await Admin.GetAsync($"/api/v1/events?target_id={answer.Body!["id"]}")).Body!["items"]![0]!;
        Assert.That(
            ((string?)written["request_id"], (string?)written["client_trace_id"]),
            Is.EqualTo((answer.Headers.GetValues("Trace-Id").Single(), Chosen))
        );
        Assert.That((bool)(await Admin.GetAsync(Verification)).Body!["intact"]!, Is.True);
    }

    [Test]
    public async Task List_WithFiltersAndAsExport_ReturnsTheMatchingEvents()
    {
        var (ann, annId) = await Admin.CreateMemberAsync();
        var project = await ann.CreateProjectAsync();
        await Admin.CreateProjectAsync();
        await CreateSequencedEventsAsync();
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
        Assert.That(lines, Has.Count.EqualTo(await Server.ScalarAsync<long>("select count(*) from events")));
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
                "an idempotency key belongs to one token"
            );
            await Admin.WaitForJobAsync((await ci.DeleteAsync($"/api/v1/projects/{project}?cascade=true")).Location!);
            Assert.That(
                (await ci.GetAsync("/api/v1/session")).Status,
                Is.EqualTo(HttpStatusCode.Unauthorized),
                "a token is revoked with its project"
            );
        }

        await CreateSequencedEventsAsync();
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
}
