using Microsoft.EntityFrameworkCore;

namespace Wombat.Application.Common;

/// <summary>Paging by a text column and, where it is equal, by the id.</summary>
internal static class NamePaging
{
    private const string Id = nameof(Id);

    /// <param name="property">The property of the text column; its sort orders are "name" and, descending, "-name".</param>
    public static IQueryable<T> ByName<T>(this IQueryable<T> rows, string property, string sort, Cursor? cursor)
        where T : class =>
        sort.StartsWith('-')
            ? Before(rows, property, cursor)
                .OrderByDescending(r => EF.Property<string>(r, property))
                .ThenByDescending(r => EF.Property<Guid>(r, Id))
            : After(rows, property, cursor).OrderBy(r => EF.Property<string>(r, property)).ThenBy(r => EF.Property<Guid>(r, Id));

    // "key >= k and (key > k or id > i)": the first part is an index range, the second skips equal keys before the cursor.
    private static IQueryable<T> After<T>(IQueryable<T> rows, string property, Cursor? cursor)
        where T : class =>
        cursor is null
            ? rows
            : rows.Where(r =>
                string.Compare(EF.Property<string>(r, property), cursor.Key) >= 0
                && (string.Compare(EF.Property<string>(r, property), cursor.Key) > 0 || EF.Property<Guid>(r, Id) > cursor.Id)
            );

    private static IQueryable<T> Before<T>(IQueryable<T> rows, string property, Cursor? cursor)
        where T : class =>
        cursor is null
            ? rows
            : rows.Where(r =>
                string.Compare(EF.Property<string>(r, property), cursor.Key) <= 0
                && (string.Compare(EF.Property<string>(r, property), cursor.Key) < 0 || EF.Property<Guid>(r, Id) < cursor.Id)
            );
}
