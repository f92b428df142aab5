using Microsoft.Extensions.Logging;

namespace Wombat.Infrastructure.Configuration;

/// <param name="Level">The least level of Wombat's own lines.</param>
/// <param name="Categories">The least level by category, such as Npgsql or Microsoft.EntityFrameworkCore, over <paramref name="Level"/>.</param>
public sealed record LogSettings(LogLevel Level, IReadOnlyDictionary<string, LogLevel> Categories)
{
    private const string Expected = "debug, information, warning or error";

    internal static LogSettings Read(SettingsReader reader)
    {
        var level =
            reader.Text("log_level") is not { } word ? LogLevel.Information
            : TryParse(word, out var known) ? known
            : reader.Report("log_level", $"must be {Expected}", LogLevel.Information);
        var categories = new Dictionary<string, LogLevel>(StringComparer.Ordinal);
        foreach (var entry in reader.List("log_levels") ?? [])
        {
            if (entry.Split('=') is [{ Length: > 0 } category, var least] && TryParse(least, out var parsed))
            {
                categories[category] = parsed;
            }
            else
            {
                reader.Report("log_levels", $"must be CATEGORY=LEVEL with the level {Expected}, not '{entry}'", defaultValue: false);
            }
        }

        return new LogSettings(level, categories);
    }

    private static bool TryParse(string word, out LogLevel level)
    {
        level = word switch
        {
            "debug" => LogLevel.Debug,
            "information" => LogLevel.Information,
            "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.None,
        };
        return level != LogLevel.None;
    }
}
