using System.Text.Json.Serialization;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>One line of a job's log, or a part of one.</summary>
/// <param name="Number">Counts from 1 over all attempts of the job.</param>
/// <param name="At">When the line was written.</param>
/// <param name="Stream">Where the line came from.</param>
/// <param name="Text">The text without its line end.</param>
/// <param name="Partial">
/// Whether the next line of the same stream continues this one: after 16 KiB, or when a program paused for 100 ms within a line.
/// </param>
/// <param name="Replaces">Whether the text replaces what came before of its line, as after a carriage return.</param>
public sealed record LogLine(
    long Number,
    DateTimeOffset At,
    LogStream Stream,
    string Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Partial = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Replaces = false
);
