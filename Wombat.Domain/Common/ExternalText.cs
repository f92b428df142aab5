using System.Text;
using System.Text.RegularExpressions;

namespace Wombat.Domain.Common;

/// <summary>Sanitizes text from outside systems for storage and display.</summary>
public static partial class ExternalText
{
    public const int Max = 2000;

    /// <summary>
    /// Removes escape sequences, and replaces invalid Unicode and control characters (except tab and line breaks) with U+FFFD. Of a text
    /// longer than <see cref="Max"/> characters it keeps the end, which usually contains the error.
    /// </summary>
    public static string Clean(string text)
    {
        var plain = text.AsSpan().ContainsAnyInRange('\0', '\u001f')
            ? EscapeSequences().Replace(text, "").Replace("\r", "", StringComparison.Ordinal)
            : text;
        var result = new StringBuilder(plain.Length);
        foreach (var rune in plain.EnumerateRunes())
        {
            result.Append(Rune.IsControl(rune) && rune.Value is not ('\t' or '\n') ? Rune.ReplacementChar.ToString() : rune.ToString());
        }

        var cut = Math.Max(0, result.Length - Max);
        return result.ToString(cut, result.Length - cut) is var kept && cut > 0 && char.IsLowSurrogate(kept[0]) ? kept[1..] : kept;
    }

    /// <summary>
    /// Makes text safe for a terminal: removes escape sequences, and replaces other control characters (except tab) and characters that
    /// change the text direction with U+FFFD. Not for JSON, which represents every character.
    /// </summary>
    public static string ForTerminal(string line)
    {
        var plain = line.AsSpan().ContainsAnyExceptInRange(' ', '~') ? EscapeSequences().Replace(line, "") : line;
        if (!plain.EnumerateRunes().Any(IsHarmful))
        {
            return plain;
        }

        var result = new StringBuilder(plain.Length);
        foreach (var rune in plain.Replace("\r", "", StringComparison.Ordinal).EnumerateRunes())
        {
            result.Append(IsHarmful(rune) ? Rune.ReplacementChar.ToString() : rune.ToString());
        }

        return result.ToString();
    }

    private static bool IsHarmful(Rune rune) =>
        rune.Value != '\t' && Rune.IsControl(rune)
        || rune.Value is >= 0x202a and <= 0x202e or >= 0x2066 and <= 0x2069
        || rune == Rune.ReplacementChar;

    // CSI sequences, sequences with text (OSC, DCS and similar), and two-character sequences, in their 7-bit and 8-bit forms.
    [GeneratedRegex(
        @"(\x1b\[|\u009b)[0-?]*[ -/]*[@-~]|(\x1b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\x07\x1b\u009c]*(\x07|\x1b\\|\u009c)|\x1b[ -/]*[0-OQ-WYZ`-~]",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex EscapeSequences();
}
