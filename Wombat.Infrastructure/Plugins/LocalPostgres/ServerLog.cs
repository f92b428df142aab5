using System.Text.RegularExpressions;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The log file of a server, read from a position on.</summary>
internal sealed partial class ServerLog(InstanceFolder folder)
{
    private const int ReadMax = 256 * 1024;

    private readonly long start = File.Exists(folder.Log) ? new FileInfo(folder.Log).Length : 0;

    /// <summary>The lines that were written since this object was created.</summary>
    public IReadOnlyList<string> ReadLines()
    {
        if (!File.Exists(folder.Log))
        {
            return [];
        }

        using var file = new FileStream(folder.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Min(file.Length, Math.Max(start, file.Length - ReadMax));
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The message with which the server ended, without time and process id.</summary>
    public string Failure()
    {
        var lines = ReadLines();
        var failure = lines.LastOrDefault(l => FailureRegex().IsMatch(l) && !l.Contains("startup process", StringComparison.Ordinal));
        var hint = lines.LastOrDefault(l => l.Contains("missing in the archive", StringComparison.Ordinal));
        return string.Join(
            ' ',
            new[] { hint, failure ?? (lines.Count > 0 ? lines[^1] : null) ?? "It wrote nothing to its log." }
                .OfType<string>()
                .Select(Message)
        );
    }

    private static string Message(string line) => PrefixRegex().Replace(line, "");

    [GeneratedRegex(@"\b(FATAL|PANIC|ERROR):", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex FailureRegex();

    [GeneratedRegex(
        @"^[0-9-]+ [0-9:.]+ [A-Z]+ \[[0-9]+\] ",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex PrefixRegex();
}
