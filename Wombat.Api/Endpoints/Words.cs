using Wombat.Application.Pipeline;
using Wombat.Domain.Common;

namespace Wombat.Api.Endpoints;

/// <summary>Enums in query strings, under the words that the JSON uses.</summary>
internal static class Words
{
    /// <exception cref="InvalidInputException">The word is not one of the enum's.</exception>
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

        throw new InvalidInputException(field, $"must be one of {string.Join(", ", Enum.GetNames<T>().Select(FieldNames.Snake))}");
    }
}
