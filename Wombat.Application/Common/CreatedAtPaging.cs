using Microsoft.EntityFrameworkCore;

namespace Wombat.Application.Common;

/// <summary>Paging by creation time, which is the order of the ids: they are UUIDs of version 7.</summary>
internal static class CreatedAtPaging
{
    public const string Sort = "created_at";
    private const string Id = nameof(Id);

    /// <param name="sort">"created_at" or, newest first, "-created_at".</param>
    public static IQueryable<T> ByCreatedAt<T>(this IQueryable<T> rows, string sort, Cursor? cursor)
        where T : class =>
        sort == Sort
            ? rows.Beyond(sort, cursor).OrderBy(r => EF.Property<Guid>(r, Id))
            : rows.Beyond(sort, cursor).OrderByDescending(r => EF.Property<Guid>(r, Id));

    /// <summary>The rows of the pages that follow, in no order; all rows for the first page.</summary>
    public static IQueryable<T> Beyond<T>(this IQueryable<T> rows, string sort, Cursor? cursor)
        where T : class =>
        cursor is null ? rows
        : sort == Sort ? rows.Where(r => EF.Property<Guid>(r, Id) > cursor.Id)
        : rows.Where(r => EF.Property<Guid>(r, Id) < cursor.Id);

    /// <summary>One page of rows that can only be sorted by creation time.</summary>
    /// <param name="defaultSort">As in <see cref="ByCreatedAt"/>.</param>
    public static async Task<Page<TDto>> PageByAgeAsync<T, TDto>(
        this IQueryable<T> rows,
        PageRequest page,
        string defaultSort,
        Func<T, TDto> show,
        Func<TDto, Guid> id,
        CancellationToken cancel
    )
        where T : class
    {
        var sort = page.Sort ?? defaultSort;
        var cursor = Cursor.Decode(page.Cursor, sort);
        var total = page.IncludeTotal ? await rows.LongCountAsync(cancel) : (long?)null;
        var read = await rows.AsNoTracking().ByCreatedAt(sort, cursor).Take(page.Take + 1).ToListAsync(cancel);
        return Page.Cut(read.ConvertAll(r => show(r)), page, item => new Cursor(sort, "", id(item)), total);
    }
}
