using Wombat.Domain.Common;

namespace Wombat.Application.Persistence;

internal static class Names
{
    /// <summary>A name in the form in which it is stored: it may be typed in several that look the same.</summary>
    /// <exception cref="InvalidInputException">It is too long in that form.</exception>
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
