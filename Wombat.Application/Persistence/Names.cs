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
}
