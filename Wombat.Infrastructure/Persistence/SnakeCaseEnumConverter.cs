using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Wombat.Application.Common;

namespace Wombat.Infrastructure.Persistence;

/// <summary>Stores enums in snake_case, as in the API.</summary>
internal sealed class SnakeCaseEnumConverter<T>() : ValueConverter<T, string>(value => ToWord[value], word => FromWord[word])
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> ToWord = Enum.GetValues<T>().ToDictionary(v => v, v => FieldNames.Snake(v.ToString()));
    private static readonly Dictionary<string, T> FromWord = ToWord.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);

    /// <summary>Converts values for SQL that is written by hand.</summary>
    public static T Parse(string word) => FromWord[word];
}
