namespace Wombat.Application.Commands;

/// <summary>The options of an OpenSSH client configuration that belong to the same hosts.</summary>
/// <param name="Patterns">Those of Host; empty before the first one, where the options are for all hosts.</param>
internal sealed record SshConfigBlock(IReadOnlyList<string> Patterns, int Line)
{
    public List<SshConfigOption> Options { get; } = [];

    /// <summary>The names among the patterns.</summary>
    public IEnumerable<string> Aliases => Patterns.Where(p => !p.StartsWith('!') && !p.Contains('*') && !p.Contains('?'));

    /// <summary>Whether one pattern fits, and none that begins with an exclamation mark does.</summary>
    public bool Matches(string alias) =>
        Patterns.Count == 0
        || Patterns.Any(p => !p.StartsWith('!') && Fits(p, alias)) && !Patterns.Any(p => p.StartsWith('!') && Fits(p[1..], alias));

    // A star stands for any text, a question mark for one character. Goes back to the last star only, so that no pattern takes long.
    private static bool Fits(string pattern, string alias)
    {
        var (p, star, resume) = (0, -1, 0);
        for (var i = 0; i < alias.Length; )
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, resume) = (p++, i);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == alias[i]))
            {
                p++;
                i++;
            }
            else if (star >= 0)
            {
                (p, i) = (star + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
