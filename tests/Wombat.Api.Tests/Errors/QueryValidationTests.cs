using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Errors;

/// <summary>An invalid path or query gets 400 with the name of the parameter.</summary>
public sealed class QueryValidationTests
{
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync();

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [TestCase("/api/v1/projects?limit=ten", "limit", "must be a whole number")]
    [TestCase("/api/v1/projects?active=maybe", "active", "must be true or false")]
    [TestCase("/api/v1/jobs?project_id=x", "project_id", "must be a UUID")]
    [TestCase("/api/v1/events?from=soon", "from", "must be a time in RFC 3339 with Z or an offset, such as 2027-03-01T09:00:00Z")]
    public async Task Query_WhenAValueHasTheWrongType_SaysWhatIsAllowed(string path, string field, string message)
    {
        var answer = await Client.GetAsync(path);
        Assert.That((string?)answer.Body!["errors"]?[field]?[0], Is.EqualTo(message), answer.ToString());
    }

    [TestCase("GET", "/api/v1/projects/not-a-uuid", "id")]
    [TestCase("GET", "/api/v1/projects/1%27%3B--", "id")]
    [TestCase("DELETE", "/api/v1/projects/not-a-uuid", "id")]
    [TestCase("GET", "/api/v1/projects/not-a-uuid/containers", "id")]
    [TestCase("GET", "/api/v1/projects/00000000-0000-0000-0000-000000000000/containers/x", "cid")]
    [TestCase("GET", "/api/v1/jobs/7", "id")]
    [TestCase("GET", "/api/v1/jobs/7/log", "id")]
    [TestCase("POST", "/api/v1/jobs/7/cancel", "id")]
    [TestCase("GET", "/api/v1/projects?limit=0", "limit")]
    [TestCase("GET", "/api/v1/projects?limit=201", "limit")]
    [TestCase("GET", "/api/v1/projects?limit=ten", "limit")]
    [TestCase("GET", "/api/v1/projects?sort=colour", "sort")]
    [TestCase("GET", "/api/v1/projects?sort=--name", "sort")]
    [TestCase("GET", "/api/v1/projects?cursor=rubbish", "cursor")]
    [TestCase("GET", "/api/v1/projects?visibility=Private", "visibility")]
    [TestCase("GET", "/api/v1/projects?active=maybe", "active")]
    [TestCase("GET", "/api/v1/projects?colour=red", "colour")]
    [TestCase("GET", "/api/v1/projects?mediator=1", "mediator")]
    [TestCase("GET", "/api/v1/projects?page=1", "page")]
    [TestCase("GET", "/api/v1/projects?Limit=1", "Limit")]
    [TestCase("GET", "/api/v1/projects?q=a&q=b", "q")]
    [TestCase("GET", "/api/v1/projects?q=%00", "q")]
    [TestCase("GET", "/api/v1/projects?include_total=7", "include_total")]
    [TestCase("GET", "/api/v1/jobs?status=done", "status")]
    [TestCase("GET", "/api/v1/jobs?status=running,done", "status")]
    [TestCase("GET", "/api/v1/jobs?status=", "status")]
    [TestCase("GET", "/api/v1/jobs?status=running&status=done", "status")]
    [TestCase("GET", "/api/v1/jobs/00000000-0000-0000-0000-000000000000?wait=soon", "wait")]
    [TestCase("GET", "/api/v1/jobs/00000000-0000-0000-0000-000000000000?wait=61s", "wait")]
    [TestCase("GET", "/api/v1/jobs/00000000-0000-0000-0000-000000000000?wait=-1s", "wait")]
    [TestCase("GET", "/api/v1/jobs?project_id=x", "project_id")]
    [TestCase("GET", "/api/v1/events?cursor=-1", "cursor")]
    [TestCase("GET", "/api/v1/events?limit=999", "limit")]
    public async Task Request_WhenPathOrQueryIsInvalid_NamesTheField(string method, string path, string field)
    {
        var answer = await Client.SendAsync(new HttpMethod(method), path);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.ToString());
        Assert.That(answer.ErrorFields, Is.EqualTo(new[] { field }), answer.ToString());
    }

    [TestCase("/api/v1/events?limit=5", "application/x-ndjson", "limit")]
    [TestCase("/api/v1/events?sort=-position", "text/event-stream", "sort")]
    [TestCase("/api/v1/jobs/00000000-0000-0000-0000-000000000000/log?limit=5", "text/event-stream", "limit")]
    [TestCase("/api/v1/jobs/00000000-0000-0000-0000-000000000000/log?limit=5&follow=true", "*/*", "limit")]
    [TestCase("/api/v1/jobs/00000000-0000-0000-0000-000000000000/log?after=-1", "text/plain", "after")]
    [TestCase("/api/v1/jobs/00000000-0000-0000-0000-000000000000/log?after=-1", "application/json", "after")]
    public async Task Stream_WithPageParameters_NamesTheField(string path, string accept, string field)
    {
        var answer = await Client.GetAsync(path, ("Accept", accept));
        Assert.That((answer.Status, answer.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { field })), answer.ToString());
    }
}
