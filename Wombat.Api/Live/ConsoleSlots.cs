using Wombat.Api.Http;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>Counts the open consoles of this replica, per caller and in total.</summary>
internal sealed class ConsoleSlots(ConsoleLimits limits)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);
    private int total;

    /// <summary>Counts a console until the result is disposed.</summary>
    /// <exception cref="TooManyRequestsException">The caller, or all callers together, have as many as allowed.</exception>
    public IDisposable Acquire(Caller caller)
    {
        var key = caller.ActorId?.ToString() ?? caller.Name;
        lock (open)
        {
            var own = open.GetValueOrDefault(key);
            if (own >= limits.PerUser || total >= limits.Total)
            {
                throw new TooManyRequestsException(
                    ErrorCode.TooManyConsoles,
                    own >= limits.PerUser
                        ? $"This user has {own} open consoles, which is the limit. Close one first."
                        : $"There are {total} open consoles on this server, which is the limit. Try again later.",
                    RetryAfter
                );
            }

            open[key] = own + 1;
            total++;
        }

        return new Slot(this, key);
    }

    private void Release(string key)
    {
        lock (open)
        {
            total--;
            if (--open[key] == 0)
            {
                open.Remove(key);
            }
        }
    }

    private sealed class Slot(ConsoleSlots slots, string key) : IDisposable
    {
        private int isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isReleased, 1) == 0)
            {
                slots.Release(key);
            }
        }
    }
}
