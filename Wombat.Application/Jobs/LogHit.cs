using System.Text.Json.Serialization;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>A line of a log that a search has found.</summary>
/// <param name="Number">The number of the line.</param>
/// <param name="At">When the line was written.</param>
/// <param name="Stream">Where the line came from.</param>
/// <param name="Text">The line without escape sequences and control characters; of a long line the part around the first match.</param>
/// <param name="MatchStart">Where in the text the first match begins, in UTF-16 code units.</param>
/// <param name="Truncated">Whether the line is longer than the text.</param>
/// <param name="Before">The lines before it, if context was requested.</param>
/// <param name="After">The lines after it, if context was requested.</param>
public sealed record LogHit(
    long Number,
    DateTimeOffset At,
    LogStream Stream,
    string Text,
    int MatchStart,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Truncated = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<LogLine>? Before = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<LogLine>? After = null
);
