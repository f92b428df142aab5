namespace Wombat.Api.Hosting;

/// <summary><c>[COMMAND] [OPERAND]… [--setting value]…</c></summary>
/// <param name="Flags">Switches without a value, such as <c>help</c>.</param>
internal sealed record CommandLine(
    string Command,
    IReadOnlyList<string> Operands,
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlySet<string> Flags
)
{
    public const string Help = "help";
    public const string Version = "version";
    public const string IncludeKeys = "include-keys";

    private static readonly string[] Known = [Help, Version, IncludeKeys];

    /// <exception cref="CommandLineException">It is not of this form.</exception>
    public static CommandLine Parse(string[] args)
    {
        var words = new List<string>();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var flags = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "-h")
            {
                flags.Add(Help);
            }
            else if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                words.Add(args[i]);
            }
            else if (Known.Contains(args[i][2..], StringComparer.Ordinal))
            {
                flags.Add(args[i][2..]);
            }
            else if (args[i].Split('=', 2) is [var name, var value])
            {
                settings[name[2..]] = value;
            }
            else
            {
                settings[args[i][2..]] = ++i < args.Length ? args[i] : throw new CommandLineException($"{args[i - 1]}: a value is missing");
            }
        }

        return new CommandLine(words.Count > 0 ? words[0] : "serve", words.Skip(1).ToList(), settings, flags);
    }

    /// <summary>What to print instead of doing anything, or null.</summary>
    /// <exception cref="CommandLineException">The command is unknown, or has words that it does not take.</exception>
    public string? Information(bool isBare)
    {
        if (Flags.Contains(Help))
        {
            return isBare ? CommandHelp.Overview() : CommandHelp.Of(Command);
        }

        if (Flags.Contains(Version) || Command == Version)
        {
            return CommandHelp.Version;
        }

        if (Command == Help)
        {
            return Operands.Count > 0 ? CommandHelp.Of(Operands[0]) : CommandHelp.Overview();
        }

        var usage = CommandHelp.Find(Command);
        var takesFile = usage.Operands.StartsWith("FILE", StringComparison.Ordinal);
        return Operands.Count == (takesFile ? 1 : 0)
            ? null
            : throw new CommandLineException(
                takesFile
                    ? $"{Command}: needs one FILE. 'wombat {Command} --help' says more."
                    : $"{Operands[0]}: 'wombat {Command}' takes no such word"
            );
    }
}
