using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>One line of a job's log.</summary>
/// <param name="Number">Counts from 1 over all attempts of the job.</param>
/// <param name="At">When the line was written.</param>
/// <param name="Text">The text without its line end. A line of more than 16,384 characters goes on in the next number.</param>
public sealed record LogLine(long Number, DateTimeOffset At, LogStream Stream, string Text);
