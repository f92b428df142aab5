using System.Text.Json.Serialization;

namespace Wombat.Application.Common;

/// <summary>One page. <see cref="NextCursor"/> is null on the last one.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Total = null);

/// <summary>Makes pages.</summary>
public static class Page
{
    /// <summary>Cuts the row that was read only to see whether there is a next page.</summary>
    public static Page<T> Cut<T>(IReadOnlyList<T> read, PageRequest request, Func<T, Cursor> cursorOf, long? total = null)
    {
        var more = read.Count > request.Take;
        var items = more ? [.. read.Take(request.Take)] : read;
        return new Page<T>(items, more ? cursorOf(items[^1]).Encode() : null, total);
    }
}
