using System.Globalization;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>A range of an attribute's values in Active Directory ([MS-ADTS] 3.1.1.3.1.3.3).</summary>
/// <param name="Name">The attribute's name with the range.</param>
/// <param name="Next">The number of the first value after the range; null if the range contains the last value.</param>
public sealed record ValueRange(string Name, int? Next)
{
    private const string Option = ";range=";

    /// <summary>Finds the range of the attribute among attribute names; null if the attribute is complete or absent.</summary>
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
