using System.Buffers;
using System.Text;
using Wombat.Domain.Jobs;

namespace Wombat.Infrastructure.Jobs;

/// <summary>
/// Replaces known secrets in a log. The end of a partial line that may be the beginning of a secret is held back until the next part
/// arrives. Not thread-safe.
/// </summary>
internal sealed class SecretMask
{
    private readonly List<SecretPattern> patterns = [];
    private readonly byte[][] held =
    [
        [],
        [],
        [],
    ];
    private SearchValues<byte> starts = SearchValues.Create(ReadOnlySpan<byte>.Empty);

    public void Add(string secret)
    {
        patterns.AddRange(SecretPattern.Of(secret));
        starts = SearchValues.Create(patterns.SelectMany(p => p.FirstBytes).Distinct().ToArray());
    }

    /// <summary>Replaces the secrets in a text.</summary>
    public string Apply(string text) =>
        patterns.Count == 0 ? text : Encoding.UTF8.GetString(Replace(Encoding.UTF8.GetBytes(text), mayGoOn: false, out _).Span);

    /// <summary>Replaces the secrets in an entry; null if the whole text is held back.</summary>
    public LogEntry? Apply(LogEntry entry)
    {
        if (patterns.Count == 0)
        {
            return entry;
        }

        ref var before = ref held[(int)entry.Stream];
        ReadOnlyMemory<byte> text = before.Length > 0 && !entry.Replaces ? (byte[])[.. before, .. entry.Text.Span] : entry.Text;
        var masked = Replace(text, entry.IsPartial, out before);
        return masked.IsEmpty && entry.IsPartial ? null : entry with { Text = masked };
    }

    private ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> source, bool mayGoOn, out byte[] rest)
    {
        rest = [];
        var text = source.Span;
        ArrayBufferWriter<byte>? masked = null;
        var (copied, position) = (0, 0);
        while (text[position..].IndexOfAny(starts) is >= 0 and var skip)
        {
            position += skip;
            var length = Match(text[position..], mayGoOn, out var isBeginning);
            if (isBeginning)
            {
                rest = text[position..].ToArray();
                source = source[..position];
                break;
            }

            if (length > 0)
            {
                masked ??= new ArrayBufferWriter<byte>(text.Length);
                masked.Write(text[copied..position]);
                masked.Write("***"u8);
                copied = position + length;
            }

            position += Math.Max(length, 1);
        }

        masked?.Write(source.Span[copied..]);
        return masked?.WrittenMemory ?? source;
    }

    /// <summary>Returns the length of the longest secret at the beginning of the text; 0 if there is none.</summary>
    private int Match(ReadOnlySpan<byte> text, bool mayGoOn, out bool isBeginning)
    {
        isBeginning = false;
        var longest = 0;
        foreach (var pattern in patterns)
        {
            longest = Math.Max(longest, pattern.Match(text, out var isPart));
            isBeginning |= isPart && mayGoOn;
        }

        return longest;
    }
}
