using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>The outcome of a restore drill.</summary>
/// <param name="Succeeded">Whether the backup was restored, opened and read.</param>
/// <param name="Error">Why it failed; null when it succeeded.</param>
/// <param name="DurationSeconds">How long it took, with the time in which the backup was restored.</param>
/// <param name="RestoredTo">The time whose state was restored; null when it failed.</param>
/// <param name="Tables">The number of tables that were read.</param>
/// <param name="Rows">The number of their rows.</param>
public sealed record DatabaseDrillDto(
    bool Succeeded,
    string? Error,
    DateTimeOffset StartedAt,
    double DurationSeconds,
    DateTimeOffset? RestoredTo,
    int Tables,
    long Rows
)
{
    internal static DatabaseDrillDto? Of(DrillReport? report) =>
        report is null
            ? null
            : new DatabaseDrillDto(
                report.Error is null,
                report.Error,
                report.StartedAt,
                Math.Round((report.EndedAt - report.StartedAt).TotalSeconds, 3),
                report.RestoredTo,
                report.Tables,
                report.Rows
            );
}
