namespace Wombat.Application.Persistence;

/// <summary>A row of project_tags, which a trigger derives from projects.tags: the index for the tag filter.</summary>
public sealed class ProjectTag
{
    public Guid ProjectId { get; init; }

    public required string Tag { get; init; }
}
