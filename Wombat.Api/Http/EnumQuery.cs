using Wombat.Application.Common;
using Wombat.Domain.Common;

namespace Wombat.Api.Http;

/// <summary>Parses enums in query strings by their JSON names.</summary>
internal static class EnumQuery
{
    /// <summary>Parses several values, repeated or separated by commas; null if there are none.</summary>
    /// <exception cref="InvalidInputException">A value is not a member of the enum.</exception>
    public static IReadOnlyList<T>? ParseList<T>(string field, string[]? words)
        where T : struct, Enum =>
        words is not { Length: > 0 } ? null : [.. words.SelectMany(w => w.Split(',')).Select(w => Parse<T>(field, w)!.Value).Distinct()];

    /// <exception cref="InvalidInputException">The value is not a member of the enum.</exception>
    public static T? Parse<T>(string field, string? word)
        where T : struct, Enum
    {
        if (word is null)
        {
            return null;
        }

        foreach (var value in Enum.GetValues<T>())
        {
            if (FieldNames.Snake(value.ToString()) == word)
            {
                return value;
            }
        }

        throw new InvalidInputException(field, "must be one of " + OneOf(typeof(T)));
    }

    /// <summary>The enum's words, as an error lists them.</summary>
    public static string OneOf(Type type) => string.Join(", ", Enum.GetNames(type).Select(FieldNames.Snake));
}
