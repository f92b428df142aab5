using System.Threading.RateLimiting;

namespace Wombat.Api.Middleware;

/// <summary>
/// The permits of a request, held until its response is complete. A stream releases them when it starts, because streams have their own
/// limit.
/// </summary>
internal sealed class RequestPermits(RateLimitLease? inFlight) : IDisposable
{
    private RateLimitLease? first = inFlight;
    private RateLimitLease? second;

    public void Add(RateLimitLease? lease) => second = lease;

    public void Dispose()
    {
        Interlocked.Exchange(ref second, null)?.Dispose();
        Interlocked.Exchange(ref first, null)?.Dispose();
    }
}
