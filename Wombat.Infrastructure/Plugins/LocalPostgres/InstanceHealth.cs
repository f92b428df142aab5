using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>What the supervisor knows of a database.</summary>
/// <param name="Failure">Why its server does not start; null while it runs.</param>
/// <param name="Attempts">The failed starts in a row.</param>
/// <param name="NextAttemptAt">When it is started again at the earliest.</param>
/// <param name="Warning">Why it works, but not as promised.</param>
/// <param name="Files">What differs in the configuration; null until it was compared.</param>
/// <param name="Roles">What differs in roles and databases; null until it was compared.</param>
/// <param name="NextRolesAt">When roles and databases are compared again.</param>
/// <param name="NextMarkAt">When the last restorable time is brought forward again.</param>
internal sealed record InstanceHealth(
    string? Failure = null,
    int Attempts = 0,
    DateTimeOffset NextAttemptAt = default,
    string? Warning = null,
    IReadOnlyList<ResourceDifference>? Files = null,
    IReadOnlyList<ResourceDifference>? Roles = null,
    DateTimeOffset NextRolesAt = default,
    DateTimeOffset NextMarkAt = default
)
{
    /// <summary>Everything that differs; null until it was compared.</summary>
    public IReadOnlyList<ResourceDifference>? Differences => Files is null || Roles is null ? null : [.. Files, .. Roles];
}
