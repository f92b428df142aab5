namespace Wombat.Domain.Jobs;

/// <summary>A line of a log, or a part of one, before it has a number.</summary>
/// <param name="Stream">The stream that it was printed on.</param>
/// <param name="Text">The text without its line end, as it was printed, usually UTF-8. Valid until the receiver returns.</param>
/// <param name="IsPartial">The line has not ended; the next entry of the same stream continues it.</param>
/// <param name="Replaces">The text replaces what was shown of its line, as after a carriage return on a terminal.</param>
public readonly record struct LogEntry(LogStream Stream, ReadOnlyMemory<byte> Text, bool IsPartial = false, bool Replaces = false);
