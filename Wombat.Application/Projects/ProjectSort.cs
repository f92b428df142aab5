using System.Globalization;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>The sort orders of the project list. Each has an index; a page starts at a key, not at an offset.</summary>
internal static class ProjectSort
{
    public static string KeyOf(ProjectDto last, string sort) =>
        sort.TrimStart('-') switch
        {
            "name" => last.Name,
            "unix_name" => last.UnixName,
            "updated_at" => last.UpdatedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            _ => "",
        };

    public static IQueryable<Project> Apply(IQueryable<Project> projects, string sort, Cursor? cursor) =>
        sort switch
        {
            "name" or "-name" => projects.ByName(nameof(Project.Name), sort, cursor),
            "unix_name" => (cursor is null ? projects : projects.Where(p => string.Compare(p.UnixName, cursor.Key) > 0)).OrderBy(p =>
                p.UnixName
            ),
            "-unix_name" => (cursor is null ? projects : projects.Where(p => string.Compare(p.UnixName, cursor.Key) < 0)).OrderByDescending(
                p => p.UnixName
            ),
            "updated_at" => UpdatedAfter(projects, cursor).OrderBy(p => p.UpdatedAt).ThenBy(p => p.Id),
            "-updated_at" => UpdatedBefore(projects, cursor).OrderByDescending(p => p.UpdatedAt).ThenByDescending(p => p.Id),
            _ => projects.ByCreatedAt(sort, cursor),
        };

    /// <summary>
    /// The tags of projects after the cursor, for an order by id. The page is the same without it, but PostgreSQL would read the
    /// tag's index from its beginning.
    /// </summary>
    public static IQueryable<ProjectTag> After(IQueryable<ProjectTag> tags, string sort, Cursor? cursor) =>
        (sort, cursor) switch
        {
            (CreatedAtPaging.Sort, { } c) => tags.Where(t => t.ProjectId > c.Id),
            ("-" + CreatedAtPaging.Sort, { } c) => tags.Where(t => t.ProjectId < c.Id),
            _ => tags,
        };

    private static IQueryable<Project> UpdatedAfter(IQueryable<Project> projects, Cursor? cursor)
    {
        if (cursor is null)
        {
            return projects;
        }

        var at = Time(cursor);
        return projects.Where(p => p.UpdatedAt >= at && (p.UpdatedAt > at || p.Id > cursor.Id));
    }

    private static IQueryable<Project> UpdatedBefore(IQueryable<Project> projects, Cursor? cursor)
    {
        if (cursor is null)
        {
            return projects;
        }

        var at = Time(cursor);
        return projects.Where(p => p.UpdatedAt <= at && (p.UpdatedAt < at || p.Id < cursor.Id));
    }

    private static DateTimeOffset Time(Cursor cursor) =>
        DateTimeOffset.TryParse(
            cursor.Key,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var at
        )
            ? at
            : throw new InvalidInputException("cursor", "must be the next_cursor of this list with the same sort order");
}
