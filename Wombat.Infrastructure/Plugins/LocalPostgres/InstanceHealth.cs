namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>What the supervisor knows of a database.</summary>
/// <param name="Failure">Why its server does not start; null while it runs.</param>
/// <param name="Attempts">The failed starts in a row.</param>
/// <param name="NextAttemptAt">When it is started again at the earliest.</param>
/// <param name="Warning">Why it works, but not as promised.</param>
internal sealed record InstanceHealth(
    string? Failure = null,
    int Attempts = 0,
    DateTimeOffset NextAttemptAt = default,
    string? Warning = null
);
