using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>A token issuer that accepts connections and never answers.</summary>
[Category("Slow")]
public sealed class UnresponsiveIssuerTests
{
    // The first request makes two attempts of ten seconds; the others share their result.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(35);

    [Test]
    public async Task BearerToken_WhenIssuerHangs_Is503AndDelaysNobodyElse()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var issuer = $"http://{silent.LocalEndpoint}";
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["AUTH_JWT_ISSUERS"] = issuer, ["AUTH_JWT_AUDIENCES"] = "wombat-api" }
        );
        using var keys = new TestKeys("k");
        var until = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        var from = TimeProvider.System.GetTimestamp();
        var asked = Enumerable
            .Range(0, 6)
            .Select(async i =>
            {
                using var client = server.Client.With(
                    keys.Sign(
                        new JsonObject
                        {
                            ["iss"] = issuer,
                            ["sub"] = $"machine-{i}",
                            ["aud"] = "wombat-api",
                            ["exp"] = until,
                        }
                    )
                );
                return await client.GetAsync("/api/v1/session");
            })
            .ToList();

        Assert.That((await server.Client.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(TimeSpan.FromSeconds(5)), "another credential is not delayed");
        var answers = await Task.WhenAll(asked);
        Assert.That(answers.Select(a => (a.Status, a.Code)), Is.All.EqualTo((HttpStatusCode.ServiceUnavailable, "provider_unavailable")));
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(Bound));
    }
}
