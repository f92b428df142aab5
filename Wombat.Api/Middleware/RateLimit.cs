using System.Threading.RateLimiting;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Api.Middleware;

/// <summary>Token buckets: one for each credential, and one for each address that brings none or a wrong one. Of this process; each replica has its own.</summary>
internal sealed class RateLimit(WombatSettings settings) : IDisposable
{
    /// <summary>The error's code.</summary>
    public const string Code = "rate_limited";

    // A burst is this many seconds' worth.
    private const int BurstSeconds = 5;

    private readonly PartitionedRateLimiter<string>? ofCredential = Create(settings.Edges.RequestsPerCredential);
    private readonly PartitionedRateLimiter<string>? ofAddress = Create(settings.Edges.FailuresPerAddress);

    /// <exception cref="TooManyRequestsException">The credential's bucket is empty.</exception>
    public void TakeForCredential(Guid? id, string name) => Take(ofCredential, id?.ToString() ?? name);

    /// <exception cref="TooManyRequestsException">The address's bucket is empty.</exception>
    public void TakeForAddress(string? address) => Take(ofAddress, address ?? "");

    public void Dispose()
    {
        ofCredential?.Dispose();
        ofAddress?.Dispose();
    }

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
}
