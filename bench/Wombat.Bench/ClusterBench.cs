using System.Diagnostics;
using k8s;
using Npgsql;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Bench;

/// <summary>
/// What following many Clusters costs the Kubernetes API and Wombat, and how late Wombat's API shows a change, on a real API server. The
/// baseline gets each Cluster every ten seconds.
/// </summary>
internal sealed class ClusterBench : IAsyncDisposable
{
    private const int Samples = 200;

    // A change of a database that changed just before is confirmed by the API server, so those of one database are further apart.
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(350);
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Polled = TimeSpan.FromMinutes(1);

    private readonly TestFolder folder = new();
    private BenchmarkEnvironment environment = null!;
    private KubernetesServer kubernetes = null!;
    private WombatProcess wombat = null!;
    private WombatClient client = null!;
    private ClusterSeed seed = null!;
    private string database = "";
    private double emptyMemory;

    /// <param name="sizes">Numbers of databases; 10, 100 and 1000 when empty.</param>
    public static async Task RunAsync(string[] sizes)
    {
        await using var bench = new ClusterBench();
        await bench.StartAsync();
        foreach (var size in (sizes is [] ? ["10", "100", "1000"] : sizes).Select(int.Parse).Order())
        {
            await bench.MeasureAsync(size);
        }
    }

    private async Task StartAsync()
    {
        environment = await BenchmarkEnvironment.StartAsync();
        database = await environment.DatabaseAsync("wombat");
        kubernetes = await KubernetesServer.StartAsync(audits: true);
        await kubernetes.GrantAsync(KubernetesServer.Wombat, "wombat", CnpgPermissions.Rules);
        await kubernetes.GrantAsync(
            KubernetesServer.Limited,
            "poller",
            new k8s.Models.V1PolicyRule
            {
                ApiGroups = ["postgresql.cnpg.io"],
                Resources = ["clusters"],
                Verbs = ["get"],
            }
        );
        var settings = new Dictionary<string, string>(BenchmarkEnvironment.Environment(database), StringComparer.Ordinal)
        {
            ["WOMBAT_RECONCILER_INTERVAL_SECONDS"] = "3",
            ["WOMBAT_PLUGINS_K8S_TYPE"] = "cnpg",
            ["WOMBAT_PLUGINS_K8S_DEFAULT"] = "true",
            ["WOMBAT_PLUGINS_K8S_KUBECONFIG"] = kubernetes.Kubeconfig(KubernetesServer.Wombat),
            ["WOMBAT_PLUGINS_K8S_NAMESPACE"] = "db-{project}",
            ["WOMBAT_PLUGINS_K8S_CREATE_NAMESPACES"] = "true",
            ["WOMBAT_PLUGINS_K8S_BACKUP_DESTINATION"] = "s3://bench/",
        };
        wombat = WombatProcess.Start(folder.Path, settings);
        client = await wombat.ReadyAsync(folder.Path);
        seed = new ClusterSeed(kubernetes, client, database);
        await seed.CreateFirstAsync();
        emptyMemory = wombat.ResidentBytes / 1e6;
    }

    private async Task MeasureAsync(int size)
    {
        var began = Stopwatch.GetTimestamp();
        await seed.GrowAsync(size);
        var grown = TimeProvider.System.GetUtcNow();
        await Eventually.UntilAsync(async () => await ObservedAsync(grown) == size, $"{size} are observed", TimeSpan.FromMinutes(2));
        Report.Note($"{size} databases after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        var requests = await RequestsAsync(KubernetesServer.Wombat, Quiet, default);
        var latencies = await ChangeAsync();
        var (memory, polling) = (wombat.ResidentBytes / 1e6, await PollAsync());
        Report.Line($"clusters-{size}-requests-per-minute", requests, polling.Requests, "");
        foreach (var (name, quantile) in new[] { ("p50", 0.5), ("p99", 0.99) })
        {
            var (ours, baseline) = (Report.Quantile(latencies, quantile), Report.Quantile(polling.Latencies, quantile));
            Report.Line($"clusters-{size}-change-to-answer-{name}", ours, baseline, "ms");
        }

        Report.Line($"clusters-{size}-memory-compared-with-one", memory, emptyMemory, "MB");
    }

    private async Task<double> RequestsAsync(string user, TimeSpan period, CancellationToken cancel)
    {
        var (before, processor) = (kubernetes.CountRequests(user), Processor());
        await Task.Delay(period, cancel);
        var after = kubernetes.CountRequests(user);
        var made = after.Select(a => (What: a.Key, Count: a.Value - before.GetValueOrDefault(a.Key))).Where(m => m.Count > 0).ToList();
        var verbs = string.Join(", ", made.Select(m => $"{m.Count} {m.What}"));
        Report.Note($"{user} in {period}: {verbs}; Wombat's processor time {Processor() - processor}");
        return made.Sum(m => m.Count) / period.TotalMinutes;
    }

    // Milliseconds from the request that changes a status on the API server to the answer of Wombat that shows it.
    private async Task<List<double>> ChangeAsync()
    {
        var latencies = new List<double>();
        for (var n = 0; n < Samples; n++)
        {
            var (one, reason, from) = (Pick(n), $"change {n}", Stopwatch.GetTimestamp());
            await seed.SetPhaseAsync(one, reason);
            while (!await ShowsAsync(one, reason))
            {
                await Task.Delay(2);
            }

            var took = Stopwatch.GetElapsedTime(from);
            latencies.Add(took.TotalMilliseconds);
            await Task.Delay(took < SampleInterval ? SampleInterval - took : TimeSpan.Zero);
        }

        return latencies;
    }

    private async Task<bool> ShowsAsync(SeededCluster one, string reason) =>
        ((string?)(await client.GetAsync($"/api/v1/databases/{one.Id}")).Body!["status_reason"])?.EndsWith(
            $": {reason}",
            StringComparison.Ordinal
        ) == true;

    private async Task<(double Requests, List<double> Latencies)> PollAsync()
    {
        using var api = new Kubernetes(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(kubernetes.Kubeconfig(KubernetesServer.Limited))
        );
        var polling = new ClusterPolling(api, seed.All);
        using var stop = new CancellationTokenSource();
        var running = polling.RunAsync(stop.Token);
        var requests = RequestsAsync(KubernetesServer.Limited, Polled, default);

        // So seldom that a database rarely changes again before it was polled.
        var pause = TimeSpan.FromSeconds(20) / seed.All.Count;
        pause = pause > SampleInterval ? pause : SampleInterval;
        var random = new Random(1);
        for (var n = 0; !requests.IsCompleted; n++)
        {
            var one = seed.All[random.Next(seed.All.Count)];
            if (!polling.IsExpected(one))
            {
                polling.Expect(one, $"polled {n}");
                await seed.SetPhaseAsync(one, $"polled {n}");
            }

            await Task.WhenAny(requests, Task.Delay(pause));
        }

        await stop.CancelAsync();
        await running;
        return (await requests, polling.Latencies);
    }

    private SeededCluster Pick(int n) => seed.All[(int)(n * 7919L % seed.All.Count)];

    private TimeSpan Processor() => Process.GetProcessById(wombat.Id).TotalProcessorTime;

    private async Task<long> ObservedAsync(DateTimeOffset since)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var count = source.CreateCommand("select count(*) from resources where observed_at >= $1");
        count.Parameters.AddWithValue(since);
        return (long)(await count.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        if (wombat is not null)
        {
            await wombat.DisposeAsync();
        }

        if (kubernetes is not null)
        {
            await kubernetes.DisposeAsync();
        }

        if (environment is not null)
        {
            await environment.DisposeAsync();
        }

        folder.Dispose();
    }
}
