using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Middleware;

/// <summary>
/// Middleware before authorization: headers, limits, CORS, proxies, anonymous reads.
/// </summary>
[NonParallelizable]
public sealed class EdgeTests
{
    private const string Origin = "https://elsewhere.example.org";

    [Test]
    public async Task Response_OnEveryEndpoint_HasTheSecurityHeaders()
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.Client.With(token: null);
        foreach (
            var answer in new[]
            {
                await server.Client.GetAsync("/api/v1/projects"),
                await nobody.GetAsync("/api/v1/projects"),
                await nobody.GetAsync("/docs"),
                await nobody.GetAsync("/health/ready"),
                await server.Client.GetAsync("/api/v1/nothing"),
            }
        )
        {
            Assert.That(
                answer.Headers.GetValues("Content-Security-Policy").Single(),
                Does.StartWith("default-src 'none'").And.Contain("frame-ancestors 'none'")
            );
            Assert.That(answer.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
            Assert.That(answer.Headers.GetValues("Referrer-Policy").Single(), Is.EqualTo("no-referrer"));
            Assert.That(answer.Headers.Contains("Server"), Is.False);
        }

        Assert.That((await server.Client.GetAsync("/api/v1/projects")).Headers.CacheControl?.NoStore, Is.True);
    }

    [TestCase("/health/live")]
    [TestCase("/health/ready")]
    public async Task Health_WhenMethodIsHead_ReturnsNoBody(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.Client.With(token: null);
        var answer = await nobody.SendAsync(HttpMethod.Head, path);
        Assert.That((answer.Status, answer.Body), Is.EqualTo((HttpStatusCode.OK, (System.Text.Json.Nodes.JsonNode?)null)));
    }

    [Test]
    public async Task Cors_WhenOriginIsListed_AllowsItWithoutCredentials()
    {
        await using var closed = await TestServer.StartAsync();
        await using var open = await TestServer.StartAsync(Settings(("CORS_ORIGINS", Origin)));
        Assert.That(
            (await closed.Client.GetAsync("/api/v1/projects", ("Origin", Origin))).Headers.Contains("Access-Control-Allow-Origin"),
            Is.False
        );
        var answer = await open.Client.GetAsync("/api/v1/projects", ("Origin", Origin));
        Assert.That(answer.Headers.GetValues("Access-Control-Allow-Origin").Single(), Is.EqualTo(Origin));
        Assert.That(answer.Headers.Contains("Access-Control-Allow-Credentials"), Is.False);
        Assert.That(
            (await open.Client.GetAsync("/api/v1/projects", ("Origin", "https://evil.example.org"))).Headers.Contains(
                "Access-Control-Allow-Origin"
            ),
            Is.False
        );
        using var nobody = open.Client.With(token: null);
        var preflight = await nobody.SendAsync(
            HttpMethod.Options,
            "/api/v1/projects",
            null,
            ("Origin", Origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization")
        );
        Assert.That(preflight.Status, Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task Request_WhenRateIsExceeded_Is429PerCredentialAndPerAddress()
    {
        await using var server = await TestServer.StartAsync(
            Settings(("RATE_LIMIT_REQUESTS_PER_SECOND", "2"), ("RATE_LIMIT_FAILURES_PER_SECOND", "1"))
        );
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => server.Client.GetAsync("/api/v1/projects")));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.OK), Is.InRange(8, 14));
        var limited = answers.First(a => a.Status != HttpStatusCode.OK);
        Assert.That((limited.Status, limited.Code), Is.EqualTo((HttpStatusCode.TooManyRequests, "rate_limited")));
        Assert.That(limited.Headers.RetryAfter?.Delta, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));

        using var guesser = server.Client.With("wombat_" + new string('0', 64));
        var guesses = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => guesser.GetAsync("/api/v1/projects")));
        Assert.That(guesses.Count(a => a.Status == HttpStatusCode.Unauthorized), Is.InRange(4, 8));
        Assert.That(guesses.Count(a => a.Status == HttpStatusCode.TooManyRequests), Is.GreaterThan(20));

        using var nobody = server.Client.With(token: null);
        Assert.That(
            (await nobody.SignInAsync("somebody", "an honest mistake")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "guessed tokens do not block sign-ins from the same address"
        );
    }

    [Test]
    public async Task AnonymousRead_WhenOneAddressExceedsItsRate_DoesNotLimitAnother()
    {
        await using var server = await TestServer.StartAsync(
            Settings(("RATE_LIMIT_REQUESTS_PER_SECOND", "1"), ("AUTH_ANONYMOUS_READ", "true"), ("TRUSTED_PROXIES", "127.0.0.1"))
        );
        using var nobody = server.Client.With(token: null);
        Task<Answer> From(string address) => nobody.GetAsync("/api/v1/projects", ("X-Forwarded-For", address));
        var greedy = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => From("203.0.113.7")));
        Assert.That(greedy.Count(a => a.Status == HttpStatusCode.TooManyRequests), Is.GreaterThan(5));
        Assert.That((await From("203.0.113.8")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Stream_WhenCredentialHasTooMany_Is429UntilOneEnds()
    {
        await using var server = await TestServer.StartAsync(Settings(("RATE_LIMIT_STREAMS", "2")));
        var (secret, _) = await server.Client.CreateTokenAsync(await server.Client.CreateUserAsync());
        using var other = server.Client.With(secret);
        var open = new List<HttpResponseMessage>();
        async Task<HttpResponseMessage> OpenAsync(WombatClient client)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
            request.Headers.Add("Accept", "text/event-stream");
            return await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }

        open.AddRange([await OpenAsync(server.Client), await OpenAsync(server.Client)]);
        Assert.That(open.Select(o => o.StatusCode), Is.All.EqualTo(HttpStatusCode.OK));
        var refused = await server.Client.GetAsync("/api/v1/events", ("Accept", "text/event-stream"));
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.TooManyRequests, "too_many_streams")), refused.ToString());
        open.Add(await OpenAsync(other));
        Assert.That(open[^1].StatusCode, Is.EqualTo(HttpStatusCode.OK), "another credential has its own limit");
        open[0].Dispose();
        await Eventually.UntilAsync(
            async () =>
            {
                open.Add(await OpenAsync(server.Client));
                return open[^1].StatusCode == HttpStatusCode.OK;
            },
            "a stream may be opened again",
            TimeSpan.FromSeconds(10)
        );
        open.ForEach(o => o.Dispose());
    }

    [Test]
    public async Task Stream_WhenServerIsStopping_Is503WithRetryAfter()
    {
        await using var server = await TestServer.StartAsync();
        var job = (await server.Client.DeleteAsync($"/api/v1/projects/{await server.Client.CreateProjectAsync()}?cascade=true")).Location!;
        await server.Client.WaitForJobAsync(job);
        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        foreach (
            var (path, type) in new[]
            {
                ("/api/v1/events", "text/event-stream"),
                ("/api/v1/events", "application/x-ndjson"),
                ("/api/v1/changes", "text/event-stream"),
                ($"{job}/log", "text/event-stream"),
                ($"{job}/log?follow=true", "text/plain"),
            }
        )
        {
            var answer = await server.Client.GetAsync(path, ("Accept", type));
            Assert.That(
                (answer.Status, answer.Code),
                Is.EqualTo((HttpStatusCode.ServiceUnavailable, "stopping")),
                $"{path} as {type}: {answer}"
            );
            Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
        }
    }

    [Test]
    public async Task ForwardedFor_WhenProxyIsNotTrusted_IsIgnored()
    {
        await using var distrusting = await TestServer.StartAsync();
        await using var trusting = await TestServer.StartAsync(Settings(("TRUSTED_PROXIES", "127.0.0.1")));
        foreach (var (server, address) in new[] { (distrusting, "127.0.0.1"), (trusting, "203.0.113.7") })
        {
            await server.Client.PostAsync(
                "/api/v1/projects",
                """{"name":"Forwarded","unix_name":"forwarded"}""",
                ("X-Forwarded-For", "203.0.113.7")
            );
            Assert.That(
                await server.ScalarAsync<string>("select address from events where action = 'project.created'"),
                Is.EqualTo(address)
            );
        }
    }

    [Test]
    public async Task PublicProject_WhenAnonymousReadIsOff_NeedsACredential()
    {
        await using var closed = await TestServer.StartAsync();
        await using var open = await TestServer.StartAsync(Settings(("AUTH_ANONYMOUS_READ", "true")));
        foreach (var (server, allowed) in new[] { (closed, false), (open, true) })
        {
            var seen = (string)
                (
                    await server.Client.PostAsync("/api/v1/projects", """{"name":"Seen by all","unix_name":"seen","visibility":"public"}""")
                ).Body!["id"]!;
            var inside = (string)
                (
                    await server.Client.PostAsync("/api/v1/projects", """{"name":"Inside","unix_name":"inside","visibility":"internal"}""")
                ).Body!["id"]!;
            using var nobody = server.Client.With(token: null);
            Assert.That(
                (await nobody.GetAsync($"/api/v1/projects/{seen}")).Status,
                Is.EqualTo(allowed ? HttpStatusCode.OK : HttpStatusCode.Unauthorized)
            );
            Assert.That(
                (await nobody.GetAsync($"/api/v1/projects/{inside}")).Status,
                Is.EqualTo(allowed ? HttpStatusCode.NotFound : HttpStatusCode.Unauthorized)
            );
            Assert.That(
                (await nobody.PostAsync($"/api/v1/projects/{seen}/containers", """{"template":"busybox"}""")).Status,
                Is.EqualTo(HttpStatusCode.Unauthorized)
            );
            Assert.That((await nobody.GetAsync("/api/v1/users")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
            if (allowed)
            {
                Assert.That(
                    (await nobody.GetAsync("/api/v1/projects")).Body!["items"]!.AsArray().Select(p => (string?)p!["id"]),
                    Is.EqualTo(new[] { seen })
                );
            }
        }
    }

    [Test]
    public async Task AdminToken_WhenConfiguredUntilFirstAdmin_StopsWorkingOnceAnAdminCanSignIn()
    {
        await using var server = await TestServer.StartAsync(Settings(("AUTH_ADMIN_TOKEN", "until_first_admin")));
        await server.Client.CreateUserAsync("not-yet", ""","platform_role":"admin" """);
        Assert.That((await server.Client.GetAsync("/api/v1/projects")).Status, Is.EqualTo(HttpStatusCode.OK));
        await server.Client.CreateUserAsync("root-of-all", ""","platform_role":"admin","password":"eleven pale moths" """);
        await Eventually.GetAsync(
            () => server.Client.GetAsync("/api/v1/projects"),
            a => a.Status == HttpStatusCode.Unauthorized,
            "the admin token is rejected"
        );
        using var nobody = server.Client.With(token: null);
        using var session = nobody.In(await nobody.SignInAsync("root-of-all", "eleven pale moths"));
        Assert.That((await session.GetAsync("/api/v1/projects")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    private static Dictionary<string, string> Settings(params (string Name, string Value)[] settings) =>
        settings.ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal);
}
