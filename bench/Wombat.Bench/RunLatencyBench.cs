using System.Diagnostics;
using System.Globalization;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// The time from the moment when a program prints a line until a follower has it, after PostgreSQL has stored it. Each line carries the
/// monotonic time of its moment. The baseline is the aim.
/// </summary>
internal static class RunLatencyBench
{
    private const double P50Aim = 5;
    private const double P99Aim = 25;
    private const double ManyAim = 100;
    private const int Seconds = 20;
    private const int ManyRuns = 100;
    private const int ManyRate = 100;

    // Prints COUNT lines at RATE a second from the monotonic time BEGIN on.
    private const string Emit = """
        use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC); $| = 1; my ($rate, $count, $begin) = @ARGV;
        for my $i (1 .. $count) {
            my $wait = $begin + $i / $rate - clock_gettime(CLOCK_MONOTONIC);
            select(undef, undef, undef, $wait) if $wait > 0;
            printf("%d %.6f\n", $i, clock_gettime(CLOCK_MONOTONIC));
        }
        """;

    private static readonly int[] Rates = [10, 100, 1000];
    private static readonly TimeSpan TimeToAttach = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(WombatClient client)
    {
        // Compiles and fills the caches.
        var warmUp = await StartAsync(client, 100, 300, TimeToAttach);
        await Task.WhenAll(FollowAsync(client, warmUp, 300, isSocket: false), FollowAsync(client, warmUp, 300, isSocket: true));
        foreach (var rate in Rates)
        {
            var count = rate * RunBench.Scaled(Seconds);
            var job = await StartAsync(client, rate, count, TimeToAttach);
            var (events, messages) = (FollowAsync(client, job, count, isSocket: false), FollowAsync(client, job, count, isSocket: true));
            await Task.WhenAll(events, messages);
            Print($"runs-latency-{rate}-a-second-event-stream", await events);
            Print($"runs-latency-{rate}-a-second-websocket", await messages);
        }
    }

    /// <summary>Many runs at once with a follower each, half of them over a WebSocket. Each checks that it gets each line once.</summary>
    public static async Task RunManyAsync(WombatClient client)
    {
        var runs = RunBench.Scaled(ManyRuns);
        var count = ManyRate * Math.Max(5, RunBench.Scaled(Seconds));
        var following = new List<Task<List<double>>>();
        var timeToStart = TimeSpan.FromSeconds(5 + (runs * 0.2));
        var begin = Now() + timeToStart.TotalSeconds;
        for (var i = 0; i < runs; i++)
        {
            var job = await StartAsync(client, ManyRate, count, TimeSpan.FromSeconds(begin - Now()));
            var isSocket = i % 2 == 1;
            following.Add(Task.Run(() => FollowAsync(client, job, count, isSocket)));
        }

        if (Now() > begin)
        {
            throw new InvalidOperationException("The runs were not requested before the time at which they begin to print.");
        }

        var latencies = (await Task.WhenAll(following)).SelectMany(l => l).ToList();
        Report.Note($"{runs} runs: {latencies.Count} lines arrived, each once and in order");
        Report.Line($"runs-{runs}-at-once-p50", Report.Quantile(latencies, 0.5), ManyAim, "ms");
        Report.Line($"runs-{runs}-at-once-p99", Report.Quantile(latencies, 0.99), ManyAim, "ms");
    }

    private static void Print(string name, List<double> latencies)
    {
        Report.Line($"{name}-p50", Report.Quantile(latencies, 0.5), P50Aim, "ms");
        Report.Line($"{name}-p99", Report.Quantile(latencies, 0.99), P99Aim, "ms");
    }

    private static async Task<string> StartAsync(WombatClient client, int rate, int count, TimeSpan ahead)
    {
        string[] numbers = [$"{rate}", $"{count}", (Now() + ahead.TotalSeconds).ToString("F6", CultureInfo.InvariantCulture)];
        var command = await BenchRuns.CreateAsync(client, $"print {Guid.NewGuid():N}", ["perl", "-e", Emit, .. numbers]);
        return await BenchRuns.StartAsync(client, command);
    }

    // Milliseconds of each line.
    private static async Task<List<double>> FollowAsync(WombatClient client, string job, int count, bool isSocket)
    {
        var lines = new TimedLines();
        var path = $"{job}/log";
        var arrays = isSocket
            ? LogSocketReader.ReadAsync(client, path).Where(m => m[0] == '[')
            : EventStreamReader.ReadAsync(client, path).TakeWhile(e => e.Name != "end").Select(e => e.Data);
        await foreach (var json in arrays)
        {
            lines.Add(json, Now());
        }

        return lines.Milliseconds.Count == count
            ? lines.Milliseconds
            : throw new InvalidOperationException($"{lines.Milliseconds.Count} of {count} lines arrived.");
    }

    // Seconds of the clock that perl reads as CLOCK_MONOTONIC.
    private static double Now() => (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
}
