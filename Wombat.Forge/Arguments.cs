using System.Globalization;
using System.Text.RegularExpressions;

namespace Wombat.Forge;

/// <summary>The command line, taken apart and checked.</summary>
internal sealed partial class Arguments
{
    private const int MaxKeyFileBytes = 1024 * 1024;
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["create"] = ["name", "template", "cpu", "memory", "disk", "ssh-key-file", "key"],
        ["list"] = [],
        ["status"] = ["id", "key"],
        ["start"] = ["id", "key"],
        ["stop"] = ["id", "key"],
        ["restart"] = ["id", "key"],
        ["delete"] = ["id", "key"],
        ["keys"] = ["id", "key", "ssh-key-file"],
        ["logs"] = ["id"],
        ["templates"] = [],
        ["health"] = [],
    };

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <exception cref="ForgeException">Usage, naming the argument.</exception>
    public Arguments(string[] args)
    {
        if (args.Length == 0 || !Known.TryGetValue(args[0], out var names))
        {
            throw new ForgeException(ExitCode.Usage, $"usage: forge {string.Join('|', Known.Keys)} [--option value …]");
        }

        Command = args[0];
        for (var i = 1; i < args.Length; i += 2)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : "";
            if (!names.Contains(name, StringComparer.Ordinal))
            {
                throw new ForgeException(ExitCode.Usage, $"{args[i]}: is not an option of forge {Command}");
            }

            if (i + 1 >= args.Length || !values.TryAdd(name, args[i + 1]))
            {
                throw new ForgeException(ExitCode.Usage, $"--{name}: needs one value");
            }
        }
    }

    public string Command { get; }

    public string Id => Checked("id", IdRegex());

    public string? Key => values.ContainsKey("key") ? Checked("key", KeyRegex()) : null;

    public CreateRequest Create() =>
        new(
            Checked("name", NameRegex()),
            Checked("template", TemplateRegex()),
            Key,
            Number("cpu", 1024),
            Number("memory", 16 * 1024 * 1024),
            Number("disk", 1024 * 1024),
            ReadKeys()
        );

    private string Checked(string name, Regex form)
    {
        var value = values.GetValueOrDefault(name) ?? throw new ForgeException(ExitCode.Usage, $"--{name}: is required");
        return form.IsMatch(value) ? value : throw new ForgeException(ExitCode.Usage, $"--{name}: '{value}' is not of the form {form}");
    }

    private int? Number(string name, int max) =>
        !values.TryGetValue(name, out var text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max ? number
        : throw new ForgeException(ExitCode.Usage, $"--{name}: must be a whole number from 1 to {max}");

    public string[] ReadKeys()
    {
        if (!values.TryGetValue("ssh-key-file", out var file))
        {
            return [];
        }

        try
        {
            return new FileInfo(file).Length <= MaxKeyFileBytes
                ? [.. File.ReadAllLines(file).Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#'))]
                : throw new ForgeException(ExitCode.Usage, "--ssh-key-file: is too large");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ForgeException(ExitCode.Usage, $"--ssh-key-file: cannot be read: {e.Message}", e);
        }
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NameRegex();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TemplateRegex();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex IdRegex();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyRegex();
}
