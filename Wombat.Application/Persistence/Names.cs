using Wombat.Domain.Common;

namespace Wombat.Application.Persistence;

internal static class Names
{
    /// <summary>Normalizes names before they are stored, because the same name can be encoded in several ways.</summary>
    /// <exception cref="InvalidInputException">The normalized name is too long.</exception>
    public static async ValueTask<string> NormalizeNameAsync(
        this IWombatDbContext db,
        string field,
        string name,
        int max,
        CancellationToken cancel
    ) =>
        await db.NormalizeAsync(name, cancel) is var normalized && normalized.Length <= max
            ? normalized
            : throw new InvalidInputException(field, $"must have at most {max} characters");

    /// <summary>The normalized forms of names without line breaks and NUL, in one round trip.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> NormalizeNamesAsync(
        this IWombatDbContext db,
        IEnumerable<string> names,
        CancellationToken cancel
    )
    {
        var different = names.Distinct(StringComparer.Ordinal).ToList();
        var normalized = (await db.NormalizeAsync(string.Join('\n', different), cancel)).Split('\n');
        return different.Zip(normalized).ToDictionary(n => n.First, n => n.Second, StringComparer.Ordinal);
    }
}
