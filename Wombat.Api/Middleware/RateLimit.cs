using System.Threading.RateLimiting;
using Wombat.Api.Http;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Api.Middleware;

/// <summary>
/// Rate limits per caller: requests and changes per second, concurrent requests, concurrent expensive requests, open streams. All
/// credentials of a user count as one caller; anonymous callers are identified by address. Each replica counts separately.
/// </summary>
internal sealed class RateLimit(ApiOptions options) : IDisposable
{
    /// <summary>The error's code.</summary>
    public const string Code = "rate_limited";

    // The burst size in seconds.
    private const int BurstSeconds = 5;

    // The maximum number of waiting requests of a caller.
    private const int MaxWaiting = 200;

    private readonly PartitionedRateLimiter<string>? requests = TokenBuckets(options.Limits.RequestsPerUser);
    private readonly PartitionedRateLimiter<string>? changes = TokenBuckets(options.Limits.ChangesPerUser);
    private readonly PartitionedRateLimiter<string>? failures = TokenBuckets(options.Limits.FailuresPerAddress);
    private readonly PartitionedRateLimiter<string>? signIns = TokenBuckets(options.Limits.FailuresPerAddress);
    private readonly PartitionedRateLimiter<string>? streams = ConcurrencyLimiter(options.Limits.StreamsPerUser, 0);
    private readonly PartitionedRateLimiter<string>? inFlight = ConcurrencyLimiter(options.Limits.RequestsInFlight, MaxWaiting);
    private readonly PartitionedRateLimiter<string>? expensive = ConcurrencyLimiter(options.Limits.ExpensiveRequests, MaxWaiting);

    // The number of waiting reads is limited by the open streams.
    private readonly PartitionedRateLimiter<string>? streamReads = ConcurrencyLimiter(options.Limits.ExpensiveRequests, int.MaxValue);

    /// <exception cref="TooManyRequestsException">The caller has exceeded its rate; anonymous callers count by address.</exception>
    public void CountForCaller(Caller caller, string? address, bool isChange)
    {
        var key = Key(caller, address);
        Count(requests, key);
        if (isChange && !caller.IsAdmin)
        {
            Count(changes, key);
        }
    }

    /// <exception cref="TooManyRequestsException">The address has exceeded its rate.</exception>
    public void CountForAddress(string? address) => Count(failures, ClientNetwork.Of(address));

    /// <summary>Waits for a permit for a concurrent request, and for another one if the request is expensive.</summary>
    /// <exception cref="TooManyRequestsException">Too many requests are already waiting.</exception>
    public async ValueTask<RequestPermits> AcquireRequestAsync(Caller caller, string? address, bool isExpensive, CancellationToken cancel)
    {
        var key = Key(caller, address);
        var permits = new RequestPermits(await AcquireAsync(inFlight, key, cancel));
        if (isExpensive)
        {
            try
            {
                permits.Add(await AcquireAsync(expensive, key, cancel));
            }
            catch
            {
                permits.Dispose();
                throw;
            }
        }

        return permits;
    }

    /// <summary>Acquires a permit for a stream, released by disposal; null if streams are not limited.</summary>
    /// <exception cref="TooManyRequestsException">The caller has too many open streams.</exception>
    public IDisposable? AcquireStream(Caller caller, string? address)
    {
        var permits = streams?.AttemptAcquire(Key(caller, address));
        return permits is not { IsAcquired: false }
            ? permits
            : throw new TooManyRequestsException(
                ErrorCode.TooManyStreams,
                "This user has too many open streams. Close one first.",
                TimeSpan.FromSeconds(5)
            );
    }

    /// <summary>Waits until no other stream of the caller reads from the database.</summary>
    public async ValueTask<IDisposable?> AcquireReadAsync(Caller caller, string? address, CancellationToken cancel) =>
        await AcquireAsync(streamReads, Key(caller, address), cancel);

    /// <summary>Counts a sign-in request. Separate from failed requests, so that failures of others at the address do not block sign-ins.</summary>
    /// <exception cref="TooManyRequestsException">The address has exceeded the rate of sign-ins.</exception>
    public void CountForSignIn(string? address) => Count(signIns, ClientNetwork.Of(address));

    public void Dispose()
    {
        foreach (var limiter in new[] { requests, changes, failures, signIns, streams, inFlight, expensive, streamReads })
        {
            limiter?.Dispose();
        }
    }

    private static string Key(Caller caller, string? address) =>
        caller.ActorId?.ToString() ?? (caller == Caller.Anonymous ? $"from {ClientNetwork.Of(address)}" : caller.Name);

    private static void Count(PartitionedRateLimiter<string>? limiter, string key)
    {
        using var lease = limiter?.AttemptAcquire(key);
        if (lease is { IsAcquired: false })
        {
            throw new TooManyRequestsException(
                ErrorCode.RateLimited,
                "Too many requests. Wait before sending more.",
                lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1)
            );
        }
    }

    private static async ValueTask<RateLimitLease?> AcquireAsync(
        PartitionedRateLimiter<string>? limiter,
        string key,
        CancellationToken cancel
    )
    {
        if (limiter is null)
        {
            return null;
        }

        var lease = limiter.AttemptAcquire(key);
        if (!lease.IsAcquired)
        {
            lease = await limiter.AcquireAsync(key, 1, cancel);
        }

        return lease.IsAcquired
            ? lease
            : throw new TooManyRequestsException(
                ErrorCode.RateLimited,
                "Too many requests of this user are in progress. Wait for their responses.",
                TimeSpan.FromSeconds(1)
            );
    }

    private static PartitionedRateLimiter<string>? TokenBuckets(int perSecond) =>
        perSecond == 0
            ? null
            : PartitionedRateLimiter.Create<string, string>(key =>
                RateLimitPartition.GetTokenBucketLimiter(
                    key,
                    _ => new TokenBucketRateLimiterOptions
                    {
                        TokenLimit = perSecond * BurstSeconds,
                        TokensPerPeriod = Math.Max(1, perSecond / 10),
                        ReplenishmentPeriod = perSecond >= 10 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(1d / perSecond),
                        QueueLimit = 0,
                    }
                )
            );

    private static PartitionedRateLimiter<string>? ConcurrencyLimiter(int limit, int waiting) =>
        limit == 0
            ? null
            : PartitionedRateLimiter.Create<string, string>(key =>
                RateLimitPartition.GetConcurrencyLimiter(
                    key,
                    _ => new ConcurrencyLimiterOptions { PermitLimit = limit, QueueLimit = waiting }
                )
            );
}
