using System.Buffers.Text;
using System.Text;

namespace Wombat.Bench;

/// <summary>Checks that the lines of <see cref="LogBench.Emit"/> arrive once, complete and in order.</summary>
internal sealed class LineCheck(int lines = LogBench.Lines, string stream = "stderr")
{
    private const int LineBytes = 99;

    private readonly byte[] beginOfText = Encoding.UTF8.GetBytes($"\"stream\":\"{stream}\",\"text\":\"");
    private readonly List<byte> partial = [];
    private int next = 1;

    /// <exception cref="InvalidOperationException">The line is not the expected one.</exception>
    public void Add(ReadOnlySpan<byte> line)
    {
        if (line.Length != LineBytes || !Utf8Parser.TryParse(line[..10], out int number, out _) || number != next)
        {
            throw new InvalidOperationException($"After line {next - 1} arrived \"{Encoding.UTF8.GetString(line)}\".");
        }

        next++;
    }

    /// <summary>The lines of the stream in the JSON of a log.</summary>
    public void AddJson(ReadOnlySpan<byte> json)
    {
        while (json.IndexOf(beginOfText) is >= 0 and var begin)
        {
            json = json[(begin + beginOfText.Length)..];
            var line = json[..json.IndexOf((byte)'"')];
            json = json[line.Length..];
            if (json.StartsWith("\",\"partial\":true"u8))
            {
                partial.AddRange(line);
            }
            else if (partial.Count > 0)
            {
                partial.AddRange(line);
                Add(partial.ToArray());
                partial.Clear();
            }
            else
            {
                Add(line);
            }
        }
    }

    /// <exception cref="InvalidOperationException">Lines are missing.</exception>
    public void EnsureComplete()
    {
        if (next != lines + 1)
        {
            throw new InvalidOperationException($"{next - 1} lines arrived.");
        }
    }
}
