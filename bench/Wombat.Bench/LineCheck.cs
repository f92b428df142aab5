using System.Buffers.Text;

namespace Wombat.Bench;

/// <summary>Checks that the lines of <see cref="LogBench.Emit"/> arrive once, complete and in order.</summary>
internal sealed class LineCheck
{
    private const int LineBytes = 99;
    private static ReadOnlySpan<byte> BeginOfText => "\"stream\":\"stderr\",\"text\":\""u8;

    private readonly List<byte> partial = [];
    private int next = 1;

    /// <exception cref="InvalidOperationException">The line is not the expected one.</exception>
    public void Add(ReadOnlySpan<byte> line)
    {
        if (line.Length != LineBytes || !Utf8Parser.TryParse(line[..10], out int number, out _) || number != next)
        {
            throw new InvalidOperationException($"After line {next - 1} arrived \"{System.Text.Encoding.UTF8.GetString(line)}\".");
        }

        next++;
    }

    /// <summary>The lines of standard error in the JSON of a log.</summary>
    public void AddJson(ReadOnlySpan<byte> json)
    {
        while (json.IndexOf(BeginOfText) is >= 0 and var begin)
        {
            json = json[(begin + BeginOfText.Length)..];
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
        if (next != LogBench.Lines + 1)
        {
            throw new InvalidOperationException($"{next - 1} lines arrived.");
        }
    }
}
