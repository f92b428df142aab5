namespace Wombat.Infrastructure.Publishing;

/// <summary>Limits how many connections are open at the same time.</summary>
/// <param name="max">The most connections.</param>
/// <param name="all">A limit that counts them as well.</param>
internal sealed class ConnectionLimit(int max, ConnectionLimit? all = null)
{
    private int count;

    /// <summary>Counts a new connection. Returns false if there are too many.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref count) <= max && all?.TryEnter() != false)
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }

    /// <summary>A counted connection has ended.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref count);
        all?.Leave();
    }
}
