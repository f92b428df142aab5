using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>A server, a project, and a workspace with a Makefile.</summary>
public abstract class CommandTestBase
{
    private const string Makefile = """
        .PHONY: show fail help
        show: ## show the version
        	@printf '<%s>\n' "$$VERSION"
        fail:
        	@exit 3
        help: show ## list the targets
        not-phony: Makefile
        show: PRIVATE := value
        .hidden:
        """;

    private TestFolder folder = null!;
    private int count;

    protected TestServer Server { get; private set; } = null!;

    protected WombatClient Client => Server.Client;

    protected string Project { get; private set; } = "";

    protected string Workspace { get; private set; } = "";

    protected string Directory => folder.Path;

    protected virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal);

    protected virtual void Alter(IServiceCollection services) { }

    [OneTimeSetUp]
    public async Task StartServer()
    {
        folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "Makefile"), Makefile);
        Server = await TestServer.StartAsync(Settings, alter: Alter);
        Project = await Client.CreateProjectAsync();
        var created = await Client.PostAsync(
            "/api/v1/workspaces",
            $$"""{"name":"site","path":"{{folder.Path}}","project_id":"{{Project}}"}"""
        );
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Created), created.ToString());
        Workspace = (string)created.Body!["id"]!;
    }

    [OneTimeTearDown]
    public async Task StopServer()
    {
        await Server.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>Creates a command in the project and returns its path.</summary>
    protected async Task<string> CreateAsync(string more)
    {
        var name = $"c{Interlocked.Increment(ref count)}";
        var answer = await Client.PostAsync("/api/v1/commands", $$"""{"name":"{{name}}","project_id":"{{Project}}",{{more}}}""");
        return answer.Status == HttpStatusCode.Created ? answer.Location! : throw new InvalidOperationException($"No command: {answer}");
    }

    /// <summary>Creates a command that runs a program and returns its path.</summary>
    protected Task<string> CreateLocalAsync(string[] arguments, string more = "") =>
        CreateAsync(
            $$"""
            "kind":"local","arguments":{{JsonSerializer.Serialize(arguments)}}{{more}}
            """
        );

    protected Task<string> CreateMakeAsync(string target, string more = "") =>
        CreateAsync(
            $$"""
            "kind":"make","workspace_id":"{{Workspace}}","target":"{{target}}"{{more}}
            """
        );

    /// <summary>Requests a run and returns its path.</summary>
    protected async Task<string> StartAsync(string command, JsonObject? parameters = null)
    {
        var body = new JsonObject { ["parameters"] = parameters ?? [] };
        var answer = await Client.PostAsync($"{command}/runs", body.ToJsonString());
        return answer.Status == HttpStatusCode.Accepted
            ? $"/api/v1/runs/{answer.Body!["id"]}"
            : throw new InvalidOperationException($"No run: {answer}");
    }

    /// <summary>Waits for the end of a run and returns it.</summary>
    protected Task<JsonNode> EndAsync(string run) =>
        Client.WaitAsync(run, "status", TimeSpan.FromSeconds(60), "succeeded", "failed", "cancelled", "interrupted");

    protected async Task<JsonNode> RunAsync(string command, JsonObject? parameters = null) =>
        await EndAsync(await StartAsync(command, parameters));

    protected static string JobOf(string run) => run.Replace("/runs/", "/jobs/", StringComparison.Ordinal);

    /// <summary>The lines of a run. One that was stored in parts, because its end came later, is one line.</summary>
    protected async Task<List<JsonNode>> LinesAsync(string run)
    {
        var lines = new List<JsonNode>();
        foreach (var part in (await Client.GetAsync($"{JobOf(run)}/log")).Body!["items"]!.AsArray().Select(l => l!.DeepClone()))
        {
            if (lines.FindLast(l => (string)l["stream"]! == (string)part["stream"]!) is { } last && last["partial"] is not null)
            {
                last["text"] = (string)last["text"]! + (string)part["text"]!;
                last["partial"] = part["partial"]?.DeepClone();
            }
            else
            {
                lines.Add(part);
            }
        }

        return lines;
    }

    /// <summary>What the program printed on standard output, by line.</summary>
    protected async Task<List<string>> OutputAsync(string run) =>
        [.. (await LinesAsync(run)).Where(l => (string)l["stream"]! == "stdout").Select(l => (string)l["text"]!)];
}
