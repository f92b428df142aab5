using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// For arrays that entities replace and never change in place: the array is its own snapshot. EF Core's comparer of lists
/// copies them, by a delegate that it makes anew at each call.
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
