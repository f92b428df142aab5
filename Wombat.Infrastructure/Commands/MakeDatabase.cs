using System.Globalization;
using System.Text.RegularExpressions;
using Wombat.Application.Commands;

namespace Wombat.Infrastructure.Commands;

/// <summary>Reads the targets from what <c>make -p</c> prints, and their help from the Makefile.</summary>
internal static partial class MakeDatabase
{
    private const int TargetsMax = 2000;
    private const int HelpMax = 500;

    // A longer line is no rule that a person reads, and would take the patterns long.
    private const int LineMax = 2000;

    /// <summary>The text after <c>##</c> on the line of each target that has one.</summary>
    public static IReadOnlyDictionary<string, string> ReadHelp(string makefile)
    {
        var help = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var match in makefile.Split('\n').Where(l => l.Length <= LineMax).Select(l => HelpRegex().Match(l)).Where(m => m.Success))
        {
            foreach (var name in match.Groups["names"].Value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            {
                var text = match.Groups["help"].Value.Trim();
                help.TryAdd(name, text.Length > HelpMax ? text[..HelpMax] : text);
            }
        }

        return help;
    }

    /// <summary>The targets in alphabetical order. Those whose names begin with a dot are make's own.</summary>
    public static IReadOnlyList<TargetDto> ReadTargets(string database, IReadOnlyDictionary<string, string> help)
    {
        var found = new SortedDictionary<string, TargetDto>(StringComparer.Ordinal);
        foreach (var block in Blocks(database))
        {
            if (ReadBlock(block, help) is { } target && (!found.TryGetValue(target.Name, out var known) || known.Line is null))
            {
                found[target.Name] = target;
            }

            if (found.Count == TargetsMax)
            {
                break;
            }
        }

        return [.. found.Values];
    }

    private static IEnumerable<List<string>> Blocks(string database)
    {
        var block = new List<string>();
        var isInFiles = false;
        foreach (var line in database.Split('\n').Select(l => l.TrimEnd('\r')))
        {
            if (line == "# Files")
            {
                isInFiles = true;
            }
            else if (isInFiles && line.StartsWith("# files hash-table", StringComparison.Ordinal))
            {
                break;
            }
            else if (isInFiles && line.Length == 0)
            {
                yield return block;
                block = [];
            }
            else if (isInFiles)
            {
                block.Add(line);
            }
        }

        yield return block;
    }

    private static TargetDto? ReadBlock(List<string> block, IReadOnlyDictionary<string, string> help)
    {
        if (block.Contains("# Not a target:", StringComparer.Ordinal))
        {
            return null;
        }

        var rule = block
            .Where(l => l.Length is > 0 and <= LineMax && l[0] is not ('#' or '\t'))
            .Select(l => RuleRegex().Match(l))
            .FirstOrDefault(m => m.Success);
        if (rule is null)
        {
            return null;
        }

        var name = rule.Groups["name"].Value.Replace("\\ ", " ", StringComparison.Ordinal);
        var origin = block.Where(l => l.Length <= LineMax).Select(l => OriginRegex().Match(l)).FirstOrDefault(m => m.Success);
        return new TargetDto(
            name,
            help.GetValueOrDefault(name),
            origin?.Groups["file"].Value,
            origin is null ? null : int.Parse(origin.Groups["line"].Value, CultureInfo.InvariantCulture)
        );
    }

    [GeneratedRegex(
        @"^(?<names>[A-Za-z0-9_./%+ \t-]+?)\s*::?(?!=).*?##\s*(?<help>.+)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex HelpRegex();

    // "name: VAR := value" sets a variable of a target.
    [GeneratedRegex(
        @"^(?<name>(?!\.|:)(\\ |[^\s:#])+)::?(?!=)(?!\s+[^\s:=]+\s*(:|::|\+|\?|!)?=)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex RuleRegex();

    [GeneratedRegex(
        @"^#\s+recipe to execute \(from '(?<file>.*)', line (?<line>[0-9]{1,9})\):$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex OriginRegex();
}
