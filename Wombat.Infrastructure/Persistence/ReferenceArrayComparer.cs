using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Compares arrays by reference, for arrays that entities replace and never modify. EF Core's comparer copies them, with a delegate
/// that it creates on each call.
/// </summary>
internal sealed class ReferenceArrayComparer() : ValueComparer<string[]>((a, b) => AreEqual(a, b), array => HashOf(array), array => array)
{
    private static bool AreEqual(string[]? a, string[]? b) => a == b || (a is not null && b is not null && a.AsSpan().SequenceEqual(b));

    private static int HashOf(string[] array)
    {
        var hash = default(HashCode);
        foreach (var text in array)
        {
            hash.Add(text, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}
