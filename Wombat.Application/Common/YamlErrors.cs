using Wombat.Domain.Common;

namespace Wombat.Application.Common;

/// <summary>What is wrong with a YAML document: the first message of each place, up to a number of places.</summary>
/// <param name="field">The field of the request that has the document.</param>
internal sealed class YamlErrors(string field)
{
    public const int Max = 100;
    private const int PathMax = 200;

    private readonly Dictionary<string, string[]> errors = new(StringComparer.Ordinal);

    public bool Has(string path) => errors.ContainsKey(path);

    public void Add(string path, string problem)
    {
        var place =
            path.Length == 0 ? field
            : path.Length > PathMax ? path[..PathMax] + "…"
            : path;
        if (errors.Count < Max)
        {
            errors.TryAdd(place, [problem]);
        }
        else
        {
            errors[field] = [$"has more errors; these are the first {Max}"];
        }
    }

    /// <exception cref="InvalidInputException">There are errors.</exception>
    public void EnsureNone()
    {
        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }
    }
}
