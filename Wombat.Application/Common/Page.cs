using System.Text.Json.Serialization;

namespace Wombat.Application.Common;

/// <summary>One page of a list.</summary>
/// <param name="Items">The items, in the order of the list.</param>
/// <param name="NextCursor">The cursor of the next page; null on the last page.</param>
/// <param name="Total">How many items there are in all; only with include_total=true.</param>
public sealed record Page<T>(
    IReadOnlyList<T> Items,
    string? NextCursor,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Total = null
);

/// <summary>Creates pages.</summary>
public static class Page
{
    /// <summary>Removes the row that was read only to find out whether there is a next page.</summary>
    public static Page<T> Cut<T>(IReadOnlyList<T> read, PageRequest request, Func<T, Cursor> cursorOf, long? total = null)
    {
        var more = read.Count > request.Take;
        var items = more ? [.. read.Take(request.Take)] : read;
        return new Page<T>(items, more ? cursorOf(items[^1]).Encode() : null, total);
    }
}
