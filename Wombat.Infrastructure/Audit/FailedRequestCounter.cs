using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Audit;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Audit;

/// <summary>
/// Limits what failed requests write. Each caller has a budget of audit events per minute, and all unknown callers share another.
/// Beyond the budget, and for requests without a credential, failures are only counted per minute and caller or address, in a
/// separate table that is kept for a week.
/// </summary>
public sealed class FailedRequestCounter : PeriodicService, IFailedRequestCounter
{
    /// <summary>The source under which failures are counted when there are too many sources.</summary>
    public const string Others = "others";

    private const int SourcesPerMinute = 200;
    private const int AnonymousFactor = 10;

    private static readonly LoopOptions Options = new("storage of counted requests", TimeSpan.FromSeconds(1))
    {
        WaitsFirst = true,
        UnavailableLevel = LogLevel.Debug,
    };

    private readonly NpgsqlDataSource database;
    private readonly TimeProvider clock;
    private readonly PartitionedRateLimiter<string>? budgets;
    private readonly TokenBucketRateLimiter? anonymousBudget;
    private readonly Lock gate = new();
    private readonly HashSet<string> sources = new(StringComparer.Ordinal);
    private Dictionary<(DateTimeOffset Minute, string Source, int Status), long> counts = [];
    private DateTimeOffset currentMinute;

    public FailedRequestCounter(NpgsqlDataSource database, WombatSettings settings, TimeProvider clock, BackgroundLoop loop)
        : base(loop, Options)
    {
        (this.database, this.clock) = (database, clock);
        var perMinute = settings.Audit.RefusalsPerMinute;
        budgets =
            perMinute == 0
                ? null
                : PartitionedRateLimiter.Create<string, string>(key =>
                    RateLimitPartition.GetTokenBucketLimiter(key, _ => Budget(perMinute))
                );
        anonymousBudget = perMinute == 0 ? null : new TokenBucketRateLimiter(Budget(perMinute * AnonymousFactor));
    }

    public bool TryTakeBudget(string source, bool isKnown)
    {
        using var lease = budgets?.AttemptAcquire(source);
        if (lease is { IsAcquired: false })
        {
            return false;
        }

        using var sharedLease = isKnown ? null : anonymousBudget?.AttemptAcquire();
        return sharedLease is not { IsAcquired: false };
    }

    public void Count(string source, int status)
    {
        var now = clock.GetUtcNow();
        var minute = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        lock (gate)
        {
            if (minute != currentMinute)
            {
                currentMinute = minute;
                sources.Clear();
            }

            var counted = sources.Count < SourcesPerMinute && sources.Add(source) || sources.Contains(source) ? source : Others;
            var key = (minute, counted, status);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>Stores the counts since the last call.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        Dictionary<(DateTimeOffset Minute, string Source, int Status), long> batch;
        lock (gate)
        {
            (batch, counts) = (counts, []);
        }

        if (batch.Count == 0)
        {
            return;
        }

        await database.ExecuteAsync(
            $"""
            insert into refusal_counts as c (minute, source, status, refusals)
            select * from unnest({batch.Keys.Select(k => k.Minute).ToArray()}, {batch.Keys.Select(k => k.Source).ToArray()},
                {batch.Keys.Select(k => k.Status).ToArray()}, {batch.Values.ToArray()})
            on conflict (minute, source, status) do update set refusals = c.refusals + excluded.refusals
            """,
            cancel
        );
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await FlushAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseErrors.IsUnavailable(e) || e is OperationCanceledException)
        {
            // The counts of the last second are lost with the database's answer.
        }
    }

    public override void Dispose()
    {
        budgets?.Dispose();
        anonymousBudget?.Dispose();
        base.Dispose();
    }

    protected override Task RunOnceAsync(CancellationToken cancel) => FlushAsync(cancel);

    private static TokenBucketRateLimiterOptions Budget(int perMinute) =>
        new()
        {
            TokenLimit = perMinute,
            TokensPerPeriod = perMinute,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1),
            QueueLimit = 0,
        };
}
