using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Middleware;

/// <summary>HTTP semantics: times, charsets, HEAD, entity tags, Accept, path spelling.</summary>
public sealed class HttpSemanticsTests
{
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["CORS_ORIGINS"] = "https://elsewhere.example.org" }
        );

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [TestCase("2099-03-01T09:00:00+01:00", "2099-03-01T08:00:00.000000Z")]
    [TestCase("2099-03-01T09:00:00.123456789-00:30", "2099-03-01T09:30:00.123456Z")]
    [TestCase("2099-03-01T09:00:00Z", "2099-03-01T09:00:00.000000Z")]
    [TestCase("2099-03-01T09:00:00", null)]
    [TestCase("2099-03-01", null)]
    public async Task Time_WithAnOffset_IsStoredInUtc(string sent, string? stored)
    {
        var project = await Admin.CreateProjectAsync();
        var answer = await Admin.PostAsync(
            $"/api/v1/projects/{project}/tokens",
            $$"""{"name":"t","scopes":["read"],"expires_at":"{{sent}}"}"""
        );
        if (stored is null)
        {
            Assert.That(
                (answer.Status, answer.Body!["errors"]!["expires_at"]![0]!.GetValue<string>()),
                Is.EqualTo((HttpStatusCode.BadRequest, "must be a time in RFC 3339 with Z or an offset, such as 2027-03-01T09:00:00Z"))
            );
        }
        else
        {
            Assert.That(
                (answer.Status, (string?)answer.Body!["expires_at"]),
                Is.EqualTo((HttpStatusCode.Created, stored)),
                answer.ToString()
            );
        }
    }

    [TestCase("2020-03-01T09%3A00%3A00%2B01%3A00", HttpStatusCode.OK)]
    [TestCase("2020-03-01T09%3A00%3A00Z", HttpStatusCode.OK)]
    [TestCase("2020-03-01T09%3A00%3A00", HttpStatusCode.BadRequest)]
    [TestCase("2020-03-01", HttpStatusCode.BadRequest)]
    public async Task QueryTime_WithoutAnOffset_Is400(string sent, HttpStatusCode status)
    {
        foreach (var name in new[] { "from", "to" })
        {
            var answer = await Admin.GetAsync($"/api/v1/events?{name}={sent}");
            Assert.That(
                (answer.Status, answer.ErrorFields),
                Is.EqualTo((status, status == HttpStatusCode.OK ? Array.Empty<string>() : [name])).UsingPropertiesComparer(),
                answer.ToString()
            );
        }
    }

    [TestCase("application/json; charset=\"utf-8\"", HttpStatusCode.Created)]
    [TestCase("application/json; charset=\"UTF-8\"", HttpStatusCode.Created)]
    [TestCase("application/json; charset=\"utf-16\"", HttpStatusCode.UnsupportedMediaType)]
    public async Task Charset_WhenQuoted_IsAccepted(string contentType, HttpStatusCode status)
    {
        var name = $"q-{Guid.NewGuid():N}"[..14] + "x";
        using var content = Content($$"""{"name":"Quoted","unix_name":"{{name}}"}""", contentType);
        using var response = await Admin.Http.PostAsync(new Uri("/api/v1/projects", UriKind.Relative), content);
        Assert.That(response.StatusCode, Is.EqualTo(status), await response.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task SignIn_WhenCharsetIsQuoted_IsAccepted()
    {
        using var nobody = Admin.With(token: null);
        using var content = Content("""{"login":"nobody-there","password":"wrong horse battery"}""", "application/json; charset=\"utf-8\"");
        using var response = await nobody.Http.PostAsync(new Uri("/api/v1/session", UriKind.Relative), content);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Body_WithAByteOrderMark_IsAccepted()
    {
        using var content = Content("\uFEFF{\"name\":\"Marked\",\"unix_name\":\"marked-body\"}", "application/json");
        using var response = await Admin.Http.PostAsync(new Uri("/api/v1/projects", UriKind.Relative), content);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created), await response.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task QueryTime_WhenPlusIsNotEncoded_Is400WithAHint()
    {
        var refused = await Admin.GetAsync("/api/v1/events?from=2026-01-01T00:00:00+01:00");
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((string)refused.Body!["errors"]!["from"]![0]!, Does.Contain("%2B"));
    }

    [Test]
    public async Task Head_OnEveryKindOfEndpoint_IsGetWithoutABody()
    {
        var project = await Admin.CreateProjectAsync();
        var (job, _) = ((await Admin.DeleteAsync($"/api/v1/projects/{project}?cascade=true")).Location!, 0);
        await Admin.WaitForJobAsync(job);
        (string Path, string? Accept)[] asked =
        [
            ("/api/v1/projects", null),
            (job, null),
            ("/openapi/v1.json", null),
            ("/docs", null),
            ("/metrics", null),
            ("/api/v1/nowhere", null),
            ($"/api/v1/projects/{project}", null),
            ("/api/v1/events", "text/event-stream"),
            ("/api/v1/events", "application/x-ndjson"),
            ("/api/v1/changes", null),
            ($"{job}/log", "text/event-stream"),
            ($"{job}/log?follow=true", null),
            ($"{job}?wait=1s", null),
            ($"/api/v1/jobs/{project}?wait=1s", null),
            ($"/api/v1/jobs/{project}/log?follow=true", null),
        ];
        foreach (var (path, accept) in asked)
        {
            (string, string)[] headers = accept is null ? [] : [("Accept", accept)];
            var head = await Admin.SendAsync(HttpMethod.Head, path, null, headers);
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            Array.ForEach(headers, h => request.Headers.TryAddWithoutValidation(h.Item1, h.Item2));
            using var get = await Admin.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.That(
                (head.Status, head.Text, head.ContentType),
                Is.EqualTo((get.StatusCode, "", get.Content.Headers.ContentType?.MediaType)),
                $"HEAD {path} {accept}"
            );
        }
    }

    [Test]
    public async Task IfMatch_WithSeveralTags_AcceptsAnyOfThem()
    {
        var path = $"/api/v1/projects/{await Admin.CreateProjectAsync()}";
        async Task<HttpStatusCode> PatchAsync(string tags) =>
            (await Admin.PatchAsync(path, $$"""{"name":"Matched {{Guid.NewGuid():N}}"}""", ("If-Match", tags))).Status;
        Assert.That(await PatchAsync("\"7\", \"1\""), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await PatchAsync("\"1\", \"7\""), Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That(await PatchAsync("\"other\", \"2\""), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await PatchAsync("*"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await PatchAsync("4"), Is.EqualTo(HttpStatusCode.PreconditionFailed), "without quotes");
        Assert.That((await Admin.DeleteAsync(path, ("If-Match", "\"1\", \"3\""))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await Admin.DeleteAsync(path, ("If-Match", "\"1\", \"4\""))).Status, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [TestCase("application/json, text/event-stream;q=0", "application/json")]
    [TestCase("text/event-stream;q=0.1, application/json;q=0.9", "application/json")]
    [TestCase("text/event-stream;q=0.9, application/json;q=0.1", "text/event-stream")]
    [TestCase("*/*, text/event-stream", "text/event-stream")]
    [TestCase("text/event-stream;q=0, */*", "application/json")]
    [TestCase("application/x-ndjson, text/event-stream;q=0.5", "application/x-ndjson")]
    [TestCase("image/png", "application/json")]
    public async Task Accept_WithQValues_IsRankedByThem(string accept, string contentType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await Admin.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo(contentType));
    }

    [TestCase("/API/v1/session")]
    [TestCase("/api/V1/projects")]
    [TestCase("/Api/v1/nowhere")]
    [TestCase("/nowhere")]
    public async Task SecurityHeaders_WhenPathIsSpelledDifferently_AreTheRoutes(string path)
    {
        var answer = await Admin.GetAsync(path);
        Assert.That(
            (answer.Headers.CacheControl?.NoStore, answer.Headers.GetValues("Content-Security-Policy").Single()),
            Is.EqualTo(((bool?)true, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"))
        );
    }

    [Test]
    public async Task TraceId_WhenClientSendsOne_IsStillTheServers()
    {
        const string Chosen = "4bf92f3577b34da6a3ce929d0e0e4736";
        var traceparent = ("traceparent", $"00-{Chosen}-00f067aa0ba902b7-01");
        var project = await Admin.CreateProjectAsync();
        foreach (
            var answer in new[]
            {
                await Admin.PatchAsync($"/api/v1/projects/{project}", """{"name":"Traced"}""", traceparent),
                await Admin.PatchAsync($"/api/v1/projects/{project}", """{"name":"x"}""", traceparent),
                await Admin.GetAsync("/api/v1/nowhere", traceparent),
                await Admin.With(token: null).GetAsync("/api/v1/projects", traceparent),
                await Admin.SendAsync(HttpMethod.Put, "/api/v1/projects", "{}", traceparent),
                await Admin.SendAsync(
                    HttpMethod.Options,
                    "/api/v1/projects",
                    null,
                    traceparent,
                    ("Origin", "https://elsewhere.example.org"),
                    ("Access-Control-Request-Method", "POST")
                ),
            }
        )
        {
            var own = answer.Headers.GetValues("Trace-Id").Single();
            Assert.That(own, Is.Not.EqualTo(Chosen).And.Match("^[0-9a-f]{32}$"), answer.ToString());
            if (answer.ContentType == "application/problem+json")
            {
                Assert.That((string?)answer.Body!["trace_id"], Is.EqualTo(own));
            }
        }
    }

    [Test]
    public async Task Cors_OnEveryResponse_ExposesTheHeadersThatClientsNeed()
    {
        foreach (
            var answer in new[]
            {
                await Admin.GetAsync("/api/v1/projects", ("Origin", "https://elsewhere.example.org")),
                await Admin.GetAsync("/api/v1/nowhere", ("Origin", "https://elsewhere.example.org")),
                await Admin.PostAsync("/api/v1/projects", "{}", ("Origin", "https://elsewhere.example.org"), ("Content-Encoding", "gzip")),
            }
        )
        {
            var exposed = string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers"))
                .Split(',', StringSplitOptions.TrimEntries);
            Assert.That(exposed, Is.SupersetOf(new[] { "Location", "ETag", "Retry-After", "Trace-Id" }), answer.ToString());
        }
    }

    [Test]
    public async Task Names_WhenDecomposed_AreStoredInNormalizationFormC()
    {
        var answer = await Admin.PostAsync("/api/v1/projects", "{\"name\":\"Cafe\u0301 eins\",\"unix_name\":\"cafe-eins\"}");
        Assert.That((string?)answer.Body!["name"], Is.EqualTo("Caf\u00e9 eins"));
        var user = await Admin.PostAsync("/api/v1/users", "{\"login\":\"zoe\",\"full_name\":\"Zoe\u0308\"}");
        Assert.That((string?)user.Body!["full_name"], Is.EqualTo("Zo\u00eb"));
        var tooLong = await Admin.PostAsync("/api/v1/projects", $$"""{"name":"{{new string('\u0958', 200)}}","unix_name":"too-long"}""");
        Assert.That(
            (tooLong.Status, tooLong.ErrorFields),
            Is.EqualTo((HttpStatusCode.BadRequest, new[] { "name" })).UsingPropertiesComparer(),
            tooLong.ToString()
        );
    }

    private static ByteArrayContent Content(string text, string contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return content;
    }
}
