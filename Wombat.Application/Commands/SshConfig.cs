using System.Globalization;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>
/// An OpenSSH client configuration. Files that it names are not read, and no program is executed: the conditions of Match may do that.
/// </summary>
internal sealed class SshConfig
{
    private readonly List<SshConfigBlock> blocks = [];

    private SshConfig() { }

    /// <summary>The names without wildcards, in the order of the document, each with the line where it occurs first.</summary>
    public IReadOnlyList<(string Alias, int Line)> Names { get; private set; } = [];

    /// <summary>The lines that cannot be attributed to a host: Include, and Match with what follows it.</summary>
    public IReadOnlyList<SshConfigOption> Ignored { get; private set; } = [];

    /// <param name="errors">Gets what is wrong, with the line.</param>
    public static SshConfig Parse(string document, ICollection<string> errors)
    {
        var config = new SshConfig();
        var ignored = new List<SshConfigOption>();
        var block = config.Add(new SshConfigBlock([], 0));
        var number = 0;
        foreach (var line in document.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            if (Read(line, number, errors) is not [var keyword, .. var words])
            {
                continue;
            }

            var option = new SshConfigOption(keyword, words.Count > 0 ? words[0] : "", number);
            switch (keyword.ToLower(CultureInfo.InvariantCulture))
            {
                case "host":
                    block = config.Add(new SshConfigBlock(words, number));
                    break;
                case "match":
                    // For no host.
                    block = new SshConfigBlock([], number);
                    ignored.Add(option);
                    break;
                case "include":
                    ignored.Add(option);
                    break;
                default:
                    block.Options.Add(option);
                    break;
            }
        }

        var names = config.blocks.SelectMany(b => b.Aliases.Select(a => (a, b.Line))).DistinctBy(n => n.a, StringComparer.Ordinal).ToList();
        foreach (var (name, line) in names.Where(n => n.a.Length > SshHost.NameMax))
        {
            errors.Add($"line {line}: Host {name[..SshHost.NameMax]}… must have at most {SshHost.NameMax} characters");
        }

        config.Names = names.FindAll(n => n.a.Length <= SshHost.NameMax);
        config.Ignored = ignored;
        return config;
    }

    /// <summary>The host with this name; null if no Host has it without wildcards.</summary>
    public SshConfigHost? Find(string alias) =>
        Names.Where(n => n.Alias == alias).Select(n => new SshConfigHost(n.Alias, n.Line, OptionsOf(n.Alias))).FirstOrDefault();

    /// <summary>The hosts with these names. Takes long for many.</summary>
    public List<SshConfigHost> ReadHosts() => [.. Names.Select(n => new SshConfigHost(n.Alias, n.Line, OptionsOf(n.Alias)))];

    private static List<string>? Read(string line, int number, ICollection<string> errors)
    {
        var words = SshConfigWords.Split(line);
        if (words is null)
        {
            errors.Add($"line {number}: a quotation mark is not closed");
        }
        else if (words.Count == 1)
        {
            errors.Add($"line {number}: {words[0]} has no value");
            return null;
        }

        return words;
    }

    private SshConfigBlock Add(SshConfigBlock block)
    {
        blocks.Add(block);
        return block;
    }

    private List<SshConfigOption> OptionsOf(string alias)
    {
        var options = blocks
            .Where(b => b.Matches(alias))
            .SelectMany(b => b.Options)
            .DistinctBy(o => o.Keyword, StringComparer.OrdinalIgnoreCase)
            .ToList();

        // ssh takes the first of these two.
        var jump = options.FindIndex(o => Is(o, "ProxyJump"));
        var command = options.FindIndex(o => Is(o, "ProxyCommand"));
        return jump >= 0 && command >= 0 ? options.FindAll(o => !Is(o, jump < command ? "ProxyCommand" : "ProxyJump")) : options;
    }

    private static bool Is(SshConfigOption option, string keyword) =>
        string.Equals(option.Keyword, keyword, StringComparison.OrdinalIgnoreCase);
}
