using System.Text;

namespace Wombat.Infrastructure.Processes;

/// <summary>A line of a program's output, or a part of one.</summary>
/// <param name="Stream">The stream that it was printed on.</param>
/// <param name="Bytes">The text without its line end, as the program printed it, usually UTF-8. Valid until the consumer returns.</param>
/// <param name="IsPartial">The line has not ended; the next one of the same stream continues it.</param>
/// <param name="Replaces">The program moved back to the start of the line: this text replaces what was shown of it.</param>
public readonly record struct OutputLine(OutputStream Stream, ReadOnlyMemory<byte> Bytes, bool IsPartial = false, bool Replaces = false)
{
    /// <summary>The text, with U+FFFD for invalid UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes.Span);
}
