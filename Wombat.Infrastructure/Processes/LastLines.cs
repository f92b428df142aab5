using System.Buffers;
using System.Text;

namespace Wombat.Infrastructure.Processes;

/// <summary>The last lines of a stream, in reused buffers.</summary>
internal sealed class LastLines(int count)
{
    private readonly ArrayBufferWriter<byte>[] lines = [.. Enumerable.Range(0, count).Select(_ => new ArrayBufferWriter<byte>())];
    private int last;
    private bool isOpen;

    public void Add(OutputLine line)
    {
        if (!isOpen)
        {
            last = (last + 1) % count;
        }

        if (!isOpen || line.Replaces)
        {
            lines[last].ResetWrittenCount();
        }

        if (lines[last].WrittenCount < LineSplitter.MaxLineBytes)
        {
            lines[last].Write(line.Bytes.Span);
        }

        isOpen = line.IsPartial;
    }

    public override string ToString() =>
        string.Join(
            '\n',
            Enumerable.Range(1, count).Select(i => Encoding.UTF8.GetString(lines[(last + i) % count].WrittenSpan)).Where(t => t.Length > 0)
        );
}
