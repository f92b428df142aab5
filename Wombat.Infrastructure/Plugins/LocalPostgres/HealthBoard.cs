using System.Collections.Concurrent;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The health of all databases, as the supervisor saw it last.</summary>
internal sealed class HealthBoard
{
    private static readonly InstanceHealth Unknown = new();
    private readonly ConcurrentDictionary<string, InstanceHealth> all = new(StringComparer.Ordinal);

    public InstanceHealth Of(InstanceFolder folder) => all.GetValueOrDefault(folder.Key, Unknown);

    public void Set(InstanceFolder folder, InstanceHealth health) => all[folder.Key] = health;

    /// <summary>The next sweep may start the server at once.</summary>
    public void ClearFailure(InstanceFolder folder) =>
        Set(folder, Of(folder) with { Failure = null, Attempts = 0, NextAttemptAt = default });

    /// <summary>Nothing is known to differ any more; the next sweep compares again.</summary>
    public void ClearDrift(InstanceFolder folder) => Set(folder, Of(folder) with { Files = [], Roles = [], NextRolesAt = default });

    public void Clear(InstanceFolder folder) => all.TryRemove(folder.Key, out _);
}
