using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Databases;

/// <summary>The real program with a database of its own, which a test kills and starts again.</summary>
internal sealed class KilledWombat : IAsyncDisposable
{
    private readonly TestFolder folder = new();
    private readonly Dictionary<string, string> environment;
    private WombatProcess process = null!;

    private KilledWombat(Dictionary<string, string> environment) => this.environment = environment;

    public string DataDirectory => folder.Path;

    public WombatClient Client { get; private set; } = null!;

    /// <param name="settings">Environment variables besides those that every test sets.</param>
    public static async Task<KilledWombat> StartAsync(params (string Name, string Value)[] settings)
    {
        var environment = settings.ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal);
        environment["ConnectionStrings__Wombat"] = await SharedPostgres.NewMigratedDatabaseAsync();
        environment.TryAdd("WOMBAT_PLUGINS_PROXMOX_ENABLED", "false");
        var killed = new KilledWombat(environment);
        killed.process = WombatProcess.Start(killed.DataDirectory, environment);
        killed.Client = await killed.process.ReadyAsync(killed.DataDirectory);
        return killed;
    }

    public Task KillAsync() => process.KillAsync();

    /// <summary>Starts it again after it was killed.</summary>
    public async Task RestartAsync()
    {
        Client.Dispose();
        await process.DisposeAsync();
        process = WombatProcess.Start(DataDirectory, environment, process.Port);
        Client = await process.ReadyAsync(DataDirectory);
    }

    public static void AssertAccepted(Answer answer) => Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Accepted), answer.ToString());

    /// <summary>Waits for the job of a request that was accepted.</summary>
    /// <param name="when">When it was killed, for the message.</param>
    public async Task<JsonNode> SucceedsAsync(Answer accepted, string when)
    {
        var job = await Client.WaitForJobAsync(accepted.Location!, seconds: 180);
        Assert.That(
            (string)job["status"]!,
            Is.EqualTo("succeeded"),
            $"{when}: {job.ToJsonString()} {(await Client.GetAsync($"{accepted.Location}/log")).Text}"
        );
        return accepted.Body!;
    }

    public async Task<object?> ScalarAsync(string database, string sql) =>
        await LocalDatabases.ScalarAsync(await Client.RevealAsync(database), sql);

    public async Task AssertNoJobRunsAsync()
    {
        var jobs = await Client.GetAsync("/api/v1/jobs?status=running&limit=200");
        Assert.That(jobs.Body!["items"]!.AsArray(), Is.Empty, "a job is stuck");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await process.DisposeAsync();
        await using (var down = WombatProcess.Start(DataDirectory, environment, null, "down"))
        {
            await down.WaitForExitAsync();
        }

        folder.Dispose();
    }
}
