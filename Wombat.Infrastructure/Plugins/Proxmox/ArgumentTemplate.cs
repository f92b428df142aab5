using System.Text.RegularExpressions;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>
/// Fills <c>{name}</c> and the like into an argument list. A value is always one argument or part of one, whatever it
/// holds. An element in brackets, <c>[--cpu {cpu}]</c>, becomes its words, or nothing where a value is missing.
/// </summary>
internal static partial class ArgumentTemplate
{
    public static readonly string[] Known = ["name", "template", "key", "id", "cpu", "memory", "disk", "ssh_key_file"];

    /// <exception cref="InvalidOperationException">A value that the template needs is missing.</exception>
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
                m => values.GetValueOrDefault(m.Groups["name"].Value) ?? throw new InvalidOperationException($"There is no {m.Value} yet.")
            );

    [GeneratedRegex(@"\{(?<name>[a-z_]+)\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PlaceholderRegex();
}
