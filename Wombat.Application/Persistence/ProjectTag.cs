namespace Wombat.Application.Persistence;

/// <summary>A row of project_tags, which the database derives from projects.tags: the ordered index behind the tag filter.</summary>
public sealed class ProjectTag
{
    public Guid ProjectId { get; init; }

    public required string Tag { get; init; }
}
