using System.Threading.RateLimiting;

namespace Wombat.Api.Middleware;

/// <summary>What a request holds of its caller's share until it is answered. A stream gives it back when it begins, since streams are counted on their own.</summary>
internal sealed class RequestPlace(RateLimitLease? inFlight) : IDisposable
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
