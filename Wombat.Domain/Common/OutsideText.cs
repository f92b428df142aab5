using System.Text;
using System.Text.RegularExpressions;

namespace Wombat.Domain.Common;

/// <summary>Words of outside systems, made fit to be stored and shown: such a system may say anything.</summary>
public static partial class OutsideText
{
    public const int Max = 2000;

    /// <summary>
    /// Without colours; other control characters but tab and line ends, and broken Unicode, as U+FFFD; of longer ones than
    /// <see cref="Max"/> characters the end, where failures say what is wrong.
    /// </summary>
    public static string Clean(string text)
    {
        var plain = text.AsSpan().ContainsAnyInRange('\0', '\u001f') ? Colours().Replace(text, "").Replace("\r", "", StringComparison.Ordinal) : text;
        var result = new StringBuilder(plain.Length);
        foreach (var rune in plain.EnumerateRunes())
        {
            result.Append(Rune.IsControl(rune) && rune.Value is not ('\t' or '\n') ? Rune.ReplacementChar.ToString() : rune.ToString());
        }

        var cut = Math.Max(0, result.Length - Max);
        return result.ToString(cut, result.Length - cut) is var kept && cut > 0 && char.IsLowSurrogate(kept[0]) ? kept[1..] : kept;
    }

    [GeneratedRegex(@"\x1b\[[0-?]*[ -/]*[@-~]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Colours();
}
