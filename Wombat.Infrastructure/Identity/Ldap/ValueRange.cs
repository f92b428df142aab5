using System.Globalization;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>A part of an attribute's values, as Active Directory names it ([MS-ADTS] 3.1.1.3.1.3.3).</summary>
/// <param name="Name">The attribute's name with the range.</param>
/// <param name="Next">The number of the first value that is missing; null where the last one is there.</param>
public sealed record ValueRange(string Name, int? Next)
{
    private const string Option = ";range=";

    /// <summary>The range in which an answer gives the attribute; null where it gives it whole, or not at all.</summary>
    public static ValueRange? Of(IEnumerable<string> names, string attribute)
    {
        var prefix = attribute + Option;
        return names.FirstOrDefault(n => n.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } name
            ? new ValueRange(
                name,
                int.TryParse(name[prefix.Length..].Split('-')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                    ? last + 1
                    : null
            )
            : null;
    }
}
