using System.Threading.RateLimiting;
using Wombat.Api.Http;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Api.Middleware;

/// <summary>
/// What one caller may take: requests and changes a second, requests in flight, expensive requests at once, open streams. A
/// user is one caller by whatever credential; who brings none is told apart by the address. Each replica counts for itself.
/// </summary>
internal sealed class RateLimit(ApiOptions options) : IDisposable
{
    /// <summary>The error's code.</summary>
    public const string Code = "rate_limited";

    // A burst is this many seconds' worth.
    private const int BurstSeconds = 5;

    // How many requests of a caller wait for a place before more of them are refused.
    private const int MaxWaiting = 200;

    private readonly PartitionedRateLimiter<string>? requests = Buckets(options.Limits.RequestsPerUser);
    private readonly PartitionedRateLimiter<string>? changes = Buckets(options.Limits.ChangesPerUser);
    private readonly PartitionedRateLimiter<string>? failures = Buckets(options.Limits.FailuresPerAddress);
    private readonly PartitionedRateLimiter<string>? signIns = Buckets(options.Limits.FailuresPerAddress);
    private readonly PartitionedRateLimiter<string>? streams = Places(options.Limits.StreamsPerUser, 0);
    private readonly PartitionedRateLimiter<string>? inFlight = Places(options.Limits.RequestsInFlight, MaxWaiting);
    private readonly PartitionedRateLimiter<string>? expensive = Places(options.Limits.ExpensiveRequests, MaxWaiting);

    // Who waits here is bounded by the open streams.
    private readonly PartitionedRateLimiter<string>? streamReads = Places(options.Limits.ExpensiveRequests, int.MaxValue);

    /// <exception cref="TooManyRequestsException">The caller's bucket is empty, or the address's where there is no credential.</exception>
    public void TakeForCaller(Caller caller, string? address, bool isChange)
    {
        var key = Key(caller, address);
        Take(requests, key);
        if (isChange && !caller.IsAdmin)
        {
            Take(changes, key);
        }
    }

    /// <exception cref="TooManyRequestsException">The address's bucket is empty.</exception>
    public void TakeForAddress(string? address) => Take(failures, ClientNetwork.Of(address));

    /// <summary>Waits for a place among the caller's requests in flight, and for one of the few for expensive requests.</summary>
    /// <exception cref="TooManyRequestsException">Too many wait already.</exception>
    public async ValueTask<RequestPlace> EnterAsync(Caller caller, string? address, bool isExpensive, CancellationToken cancel)
    {
        var key = Key(caller, address);
        var place = new RequestPlace(await HoldAsync(inFlight, key, cancel));
        if (isExpensive)
        {
            try
            {
                place.Add(await HoldAsync(expensive, key, cancel));
            }
            catch
            {
                place.Dispose();
                throw;
            }
        }

        return place;
    }

    /// <summary>A place for a stream, free again when disposed; null where they are not counted.</summary>
    /// <exception cref="TooManyRequestsException">The caller has as many open as it may.</exception>
    public IDisposable? HoldStream(Caller caller, string? address)
    {
        var place = streams?.AttemptAcquire(Key(caller, address));
        return place is not { IsAcquired: false }
            ? place
            : throw new TooManyRequestsException(
                ErrorCode.TooManyStreams,
                "This user has too many open streams. Close one first.",
                TimeSpan.FromSeconds(5)
            );
    }

    /// <summary>The caller's streams take turns to read from the database.</summary>
    public async ValueTask<IDisposable?> TakeReadAsync(Caller caller, string? address, CancellationToken cancel) =>
        await HoldAsync(streamReads, Key(caller, address), cancel);

    /// <summary>For requests by which someone signs in: others at the address whose credentials fail do not keep them out.</summary>
    /// <exception cref="TooManyRequestsException">The address's bucket for sign-ins is empty.</exception>
    public void TakeForSignIn(string? address) => Take(signIns, ClientNetwork.Of(address));

    public void Dispose()
    {
        foreach (var limiter in new[] { requests, changes, failures, signIns, streams, inFlight, expensive, streamReads })
        {
            limiter?.Dispose();
        }
    }

    private static string Key(Caller caller, string? address) =>
        caller.ActorId?.ToString() ?? (caller == Caller.Anonymous ? $"from {ClientNetwork.Of(address)}" : caller.Name);

    private static void Take(PartitionedRateLimiter<string>? limiter, string key)
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

    private static async ValueTask<RateLimitLease?> HoldAsync(PartitionedRateLimiter<string>? limiter, string key, CancellationToken cancel)
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

    private static PartitionedRateLimiter<string>? Buckets(int perSecond) =>
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

    private static PartitionedRateLimiter<string>? Places(int most, int waiting) =>
        most == 0
            ? null
            : PartitionedRateLimiter.Create<string, string>(key =>
                RateLimitPartition.GetConcurrencyLimiter(
                    key,
                    _ => new ConcurrencyLimiterOptions { PermitLimit = most, QueueLimit = waiting }
                )
            );
}
