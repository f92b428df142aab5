namespace Wombat.Application.Jobs;

/// <summary>Lines of a log, in order.</summary>
/// <param name="Items">The lines.</param>
/// <param name="LastNumber">The number of the log's last line; 0 if there is none.</param>
/// <param name="NextAfter">The value of after for the next page; null if there are no more lines yet.</param>
/// <param name="PreviousBefore">The value of before that gives the lines before these; null if there are none.</param>
/// <param name="Ended">Whether the job has ended and no line comes after these.</param>
public sealed record LogPage(IReadOnlyList<LogLine> Items, long LastNumber, long? NextAfter, long? PreviousBefore, bool Ended);
