namespace Wombat.Api.Hosting;

/// <summary><c>[serve|migrate|openapi FILE|admin-token] [--setting value …]</c></summary>
internal sealed record CommandLine(string Command, IReadOnlyList<string> Operands, IReadOnlyDictionary<string, string> Settings)
{
    /// <exception cref="CommandLineException">It is not of this form.</exception>
    public static CommandLine Parse(string[] args)
    {
        var words = new List<string>();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                words.Add(args[i]);
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

        return new CommandLine(words.Count > 0 ? words[0] : "serve", words.Skip(1).ToList(), settings);
    }
}
