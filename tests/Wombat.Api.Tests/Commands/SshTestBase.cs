using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>A server and real hosts of SSH.</summary>
public abstract class SshTestBase : CommandTestBase
{
    private int hosts;

    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["COMMANDS_GRACE_SECONDS"] = "1" };

    /// <summary>Registers a host and returns it. Its keys are not accepted yet.</summary>
    /// <param name="jump">The path of its jump host. Only through one the server has the address.</param>
    /// <param name="port">Of a proxy before the server; null for none.</param>
    protected async Task<JsonNode> RegisterAsync(SshServer server, string? jump = null, int? port = null)
    {
        var body = new JsonObject
        {
            ["name"] = $"host{Interlocked.Increment(ref hosts)}",
            ["project_id"] = Project,
            ["address"] = jump is null ? "127.0.0.1" : SshServer.InnerName,
            ["port"] = port ?? server.Port,
            ["user_name"] = SshServer.User,
            ["jump_host_id"] = jump?.Split('/')[^1],
        };
        var created = await Client.PostAsync("/api/v1/hosts", body.ToJsonString());
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Created), created.ToString());
        return created.Body!;
    }

    /// <summary>Registers a host, lets Wombat in, and returns its path.</summary>
    protected async Task<string> TrustAsync(SshServer server, string? jump = null, int? port = null)
    {
        var host = await RegisterAsync(server, jump, port);
        await server.AuthorizeAsync((string)host["public_key"]!);
        var path = $"/api/v1/hosts/{host["id"]}";
        var accepted = await AcceptAsync(path, await server.FingerprintAsync());
        Assert.That((accepted.Status, (string?)accepted.Body?["state"]), Is.EqualTo((HttpStatusCode.OK, "reachable")), accepted.ToString());
        return path;
    }

    protected Task<Answer> AcceptAsync(string host, string fingerprint) =>
        Client.PostAsync($"{host}/accept-keys", $$"""{"fingerprints":["{{fingerprint}}"]}""");

    /// <summary>Creates a command that runs a program on hosts and returns its path.</summary>
    protected Task<string> CreateSshAsync(string[] hostPaths, string[] arguments, string more = "") =>
        CreateAsync(
            $$"""
            "kind":"ssh","host_ids":{{JsonSerializer.Serialize(hostPaths.Select(h => h.Split('/')[^1]))}},
            "arguments":{{JsonSerializer.Serialize(arguments)}}{{more}}
            """
        );

    protected Task WaitForOutputAsync(string run, string text) =>
        Eventually.UntilAsync(async () => (await OutputAsync(run)).Contains(text), $"the run prints {text}");
}
