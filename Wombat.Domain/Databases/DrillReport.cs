namespace Wombat.Domain.Databases;

/// <summary>The outcome of a restore drill: a backup was restored into a throw-away database, opened and counted.</summary>
/// <param name="Error">Why it failed; null when it succeeded.</param>
/// <param name="RestoredTo">The time whose state was restored; null when it failed.</param>
/// <param name="Tables">The number of tables that were read.</param>
/// <param name="Rows">The number of their rows.</param>
public sealed record DrillReport(
    DateTimeOffset StartedAt,
    DateTimeOffset EndedAt,
    string? Error,
    DateTimeOffset? RestoredTo = null,
    int Tables = 0,
    long Rows = 0
);
