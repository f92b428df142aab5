namespace Wombat.Application.Jobs;

/// <summary>Lines of a log, in order.</summary>
/// <param name="Items">The lines.</param>
/// <param name="NextAfter">The value of after that continues the reading; null where there are no more lines yet.</param>
/// <param name="Ended">Whether the job has ended and this is the last page.</param>
public sealed record LogPage(IReadOnlyList<LogLine> Items, long? NextAfter, bool Ended);
