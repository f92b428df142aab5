using System.Text.RegularExpressions;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>
/// Replaces placeholders such as <c>{name}</c> in an argument list. A value is always one argument or part of one, whatever it
/// contains. An element in brackets, <c>[--cpu {cpu}]</c>, is split into words, and omitted if a value is missing.
/// </summary>
internal static partial class ArgumentTemplate
{
    public static readonly string[] Known =
    [
        "name",
        "template",
        "key",
        "id",
        "cpu",
        "memory",
        "disk",
        "ssh_key_file",
        "network",
        "hostname",
        "environment_file",
        "user_data_file",
        "from_id",
        "from_key",
        "from_snapshot",
        "node",
    ];

    /// <exception cref="InvalidOperationException">A required value is missing.</exception>
    public static IReadOnlyList<string> Fill(IReadOnlyList<string> template, IReadOnlyDictionary<string, string?> values)
    {
        var arguments = new List<string>();
        foreach (var element in template)
        {
            if (element.StartsWith('[') && element.EndsWith(']'))
            {
                var words = element[1..^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (Names(element).All(n => values.GetValueOrDefault(n) is not null))
                {
                    arguments.AddRange(words.Select(w => FillOne(w, values)));
                }
            }
            else
            {
                arguments.Add(FillOne(element, values));
            }
        }

        return arguments;
    }

    public static IEnumerable<string> Names(string element) => PlaceholderRegex().Matches(element).Select(m => m.Groups["name"].Value);

    private static string FillOne(string element, IReadOnlyDictionary<string, string?> values) =>
        PlaceholderRegex()
            .Replace(
                element,
                m =>
                    values.GetValueOrDefault(m.Groups["name"].Value)
                    ?? throw new InvalidOperationException($"The value of {m.Value} is not known yet.")
            );

    [GeneratedRegex(@"\{(?<name>[a-z_]+)\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PlaceholderRegex();
}
