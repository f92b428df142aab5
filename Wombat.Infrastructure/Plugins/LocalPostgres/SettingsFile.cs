using System.Text;
using System.Text.RegularExpressions;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Reads and writes files in the form of <c>postgresql.conf</c>.</summary>
internal static partial class SettingsFile
{
    /// <summary>The settings by name; the last one of a name counts. Comments and lines that are no setting are left out.</summary>
    public static SortedDictionary<string, string> Parse(string text)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (SettingRegex().Match(line) is { Success: true } match)
            {
                all[match.Groups["name"].Value.ToLowerInvariant()] = match.Groups["quoted"] is { Success: true } quoted
                    ? Unquote(quoted.Value)
                    : match.Groups["plain"].Value;
            }
        }

        return all;
    }

    public static string Write(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in settings.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            text.Append(name).Append(" = '").Append(Escape(value)).Append("'\n");
        }

        return text.ToString();
    }

    private static string Escape(string value) =>
        value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("'", "''", StringComparison.Ordinal)
            .Replace("\n", " ", StringComparison.Ordinal)
            .Replace("\r", " ", StringComparison.Ordinal)
            .Replace("\0", " ", StringComparison.Ordinal);

    private static string Unquote(string value) =>
        value
            .Replace("''", "'", StringComparison.Ordinal)
            .Replace("\\'", "'", StringComparison.Ordinal)
            .Replace("\\\\", "\\", StringComparison.Ordinal);

    [GeneratedRegex(
        @"^\s*(?<name>[A-Za-z_][A-Za-z0-9_.]*)(\s*=\s*|\s+)('(?<quoted>([^'\\]|''|\\.)*)'|(?<plain>[^\s'#=]+))\s*(#.*)?$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex SettingRegex();
}
