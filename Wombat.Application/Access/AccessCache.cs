using System.Diagnostics.CodeAnalysis;
using Wombat.Application.Common;
using Wombat.Domain.Access;

namespace Wombat.Application.Access;

/// <summary>
/// What requests need to know of their callers, remembered for half a second: so long at most does a right outlive its
/// end on any replica. A change made here, or told of by another replica, clears it at once.
/// </summary>
public sealed class AccessCache(TimeProvider clock)
{
    /// <summary>How long what was found is trusted without being told otherwise.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromMilliseconds(500);

    /// <summary>Valid credentials by what was presented, with their end; what is not valid is never kept, so that guesses do not fill it.</summary>
    public TimedCache<string, (Caller Caller, DateTimeOffset? ExpiresAt)> Credentials { get; } = new(clock, Trust, 10_000);

    /// <summary>ProjectAccess by user and project.</summary>
    public TimedCache<(Guid User, Guid Project), ProjectAccess> ProjectAccess { get; } = new(clock, Trust, 100_000);

    /// <summary>Whether the credential is known, and has not ended since it was looked up.</summary>
    public bool TryRecognize(string credential, [NotNullWhen(true)] out Caller? caller)
    {
        caller = Credentials.TryGet(credential, out var known) && !(known.ExpiresAt <= clock.GetUtcNow()) ? known.Caller : null;
        return caller is not null;
    }

    public void Clear()
    {
        Credentials.Clear();
        ProjectAccess.Clear();
    }
}
