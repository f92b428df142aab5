using System.Text.RegularExpressions;

namespace Wombat.Application.Commands;

/// <summary>The options of an OpenSSH client configuration that belong to the same hosts.</summary>
/// <param name="Patterns">Those of Host; empty before the first one, where the options are for all hosts.</param>
internal sealed record SshConfigBlock(IReadOnlyList<string> Patterns, int Line)
{
    private static readonly TimeSpan MatchTime = TimeSpan.FromSeconds(1);

    public List<SshConfigOption> Options { get; } = [];

    /// <summary>The names among the patterns.</summary>
    public IEnumerable<string> Aliases => Patterns.Where(p => !p.StartsWith('!') && !p.Contains('*') && !p.Contains('?'));

    /// <summary>Whether one pattern fits, and none that begins with an exclamation mark does.</summary>
    public bool Matches(string alias) =>
        Patterns.Count == 0
        || Patterns.Any(p => !p.StartsWith('!') && Fits(p, alias)) && !Patterns.Any(p => p.StartsWith('!') && Fits(p[1..], alias));

    private static bool Fits(string pattern, string alias)
    {
        var expression = Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal).Replace(@"\?", ".", StringComparison.Ordinal);
        return Regex.IsMatch(alias, $@"^{expression}\z", RegexOptions.NonBacktracking | RegexOptions.Singleline, MatchTime);
    }
}
