using System.Diagnostics;
using Wombat.Infrastructure.Postgres;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// The time from process start to the first 200 of /health/ready on an existing data directory, PostgreSQL included; then the resident
/// memory after 10,000 requests.
/// </summary>
internal static class StartBench
{
    private const int Rounds = 5;
    private const int Requests = 10_000;

    public static async Task RunAsync()
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        await using (var first = WombatProcess.Start(data))
        {
            using var client = await first.ReadyAsync(data);
        }

        var (ours, bare) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var from = Stopwatch.GetTimestamp();
            await using (var wombat = WombatProcess.Start(data))
            {
                using var client = await wombat.ReadyAsync(data);
                ours.Add(Stopwatch.GetElapsedTime(from).TotalSeconds);
            }

            bare.Add(await BareAsync(data));
        }

        Report.Line("start-to-ready", Report.Median(ours), Report.Median(bare), "s");
        await MemoryAsync(data);
    }

    // The baseline: the same PostgreSQL on the same folder, then the bare API until it answers.
    private static async Task<double> BareAsync(string data)
    {
        var postgres = Postgres(data);
        var from = Stopwatch.GetTimestamp();
        await postgres.StartAsync(default);
        var (process, _) = await BenchmarkEnvironment.StartBareAsync(postgres.ConnectionString());
        var took = Stopwatch.GetElapsedTime(from).TotalSeconds;
        process.Kill();
        await process.WaitForExitAsync();
        await postgres.StopAsync(default);
        return took;
    }

    private static async Task MemoryAsync(string data)
    {
        double ours,
            bare;
        await using (var wombat = WombatProcess.Start(data))
        {
            using var client = await wombat.ReadyAsync(data);
            await client.CreateProjectAsync("memory-one");
            await LoadAsync(client.Http, "/api/v1/projects?limit=20");
            ours = wombat.ResidentBytes / 1e6;
        }

        var postgres = Postgres(data);
        await postgres.StartAsync(default);
        var (process, port) = await BenchmarkEnvironment.StartBareAsync(postgres.ConnectionString());
        using (var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") })
        {
            await LoadAsync(http, "/projects?limit=20");
        }

        process.Refresh();
        bare = process.WorkingSet64 / 1e6;
        process.Kill();
        await process.WaitForExitAsync();
        await postgres.StopAsync(default);
        Report.Line("resident-after-10000-requests", ours, bare, "MB");
    }

    private static Task LoadAsync(HttpClient http, string path) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, Requests),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (_, cancel) =>
            {
                using var response = await http.GetAsync(path, cancel);
                response.EnsureSuccessStatusCode();
                await response.Content.ReadAsByteArrayAsync(cancel);
            }
        );

    private static EmbeddedPostgres Postgres(string data) => new(EmbeddedPostgresOptions.ForDataDirectory(data));
}
