using System.Threading.RateLimiting;
using Wombat.Domain.Common;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Api.Middleware;

/// <summary>
/// Token buckets: one for each credential, and one for each address that brings none or a wrong one; and how many streams
/// each may have open. Of this process; each replica has its own.
/// </summary>
internal sealed class RateLimit(WombatSettings settings) : IDisposable
{
    /// <summary>The error's code.</summary>
    public const string Code = "rate_limited";

    // A burst is this many seconds' worth.
    private const int BurstSeconds = 5;

    private readonly PartitionedRateLimiter<string>? ofCredential = Create(settings.Edges.RequestsPerCredential);
    private readonly PartitionedRateLimiter<string>? ofAddress = Create(settings.Edges.FailuresPerAddress);
    private readonly PartitionedRateLimiter<string>? streams = CreateStreams(settings.Edges.StreamsPerCredential);

    /// <exception cref="TooManyRequestsException">The bucket of the credential is empty, or of the address where nobody has none.</exception>
    public void TakeForCaller(Caller caller, string? address) => Take(ofCredential, Key(caller, address));

    /// <summary>A place for a stream, free again when disposed; null where they are not counted.</summary>
    /// <exception cref="TooManyRequestsException">The caller has as many open as it may.</exception>
    public IDisposable? HoldStream(Caller caller, string? address)
    {
        var place = streams?.AttemptAcquire(Key(caller, address));
        return place is not { IsAcquired: false } ? place : throw new TooManyRequestsException("too_many_streams", "Too many streams are open with this credential. Close one first.", TimeSpan.FromSeconds(5));
    }

    /// <exception cref="TooManyRequestsException">The address's bucket is empty.</exception>
    public void TakeForAddress(string? address) => Take(ofAddress, address ?? "");

    public void Dispose()
    {
        ofCredential?.Dispose();
        ofAddress?.Dispose();
        streams?.Dispose();
    }

    // Those who bring nothing are told apart by their addresses.
    private static string Key(Caller caller, string? address) => caller.CredentialId?.ToString() ?? (caller == Caller.Anonymous ? $"from {address}" : caller.Name);

    private static void Take(PartitionedRateLimiter<string>? limiter, string key)
    {
        using var lease = limiter?.AttemptAcquire(key);
        if (lease is { IsAcquired: false })
        {
            throw new TooManyRequestsException(Code, "Too many requests. Slow down.", lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1));
        }
    }

    private static PartitionedRateLimiter<string>? Create(int perSecond) => perSecond == 0 ? null : PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond * BurstSeconds,
            TokensPerPeriod = Math.Max(1, perSecond / 10),
            ReplenishmentPeriod = perSecond >= 10 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(1d / perSecond),
            QueueLimit = 0,
        }));

    private static PartitionedRateLimiter<string>? CreateStreams(int most) => most == 0 ? null : PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetConcurrencyLimiter(key, _ => new ConcurrencyLimiterOptions { PermitLimit = most, QueueLimit = 0 }));
}
