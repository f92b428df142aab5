using System.Diagnostics.CodeAnalysis;
using Wombat.Application.Common;
using Wombat.Domain.Access;

namespace Wombat.Application.Access;

/// <summary>
/// Caches callers by credential and their access by project for half a second, which is the longest time for which a revoked
/// permission still counts on any replica. A change on this replica, or a notification of another one, clears the cache at once.
/// </summary>
public sealed class AccessCache(TimeProvider clock)
{
    /// <summary>How long an entry is valid.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromMilliseconds(500);

    /// <summary>Callers by valid credential, with its expiry. Invalid credentials are not cached, so that guesses do not fill the cache.</summary>
    public TimedCache<string, (Caller Caller, DateTimeOffset? ExpiresAt)> Credentials { get; } = new(clock, Trust, 10_000);

    /// <summary>Project access by user and project.</summary>
    public TimedCache<(Guid User, Guid Project), ProjectAccess> ProjectAccess { get; } = new(clock, Trust, 100_000);

    /// <summary>Whether the credential is cached and has not expired.</summary>
    public bool TryGetCaller(string credential, [NotNullWhen(true)] out Caller? caller)
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
