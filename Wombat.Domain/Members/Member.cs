namespace Wombat.Domain.Members;

/// <summary>A user's role in a project.</summary>
public sealed class Member
{
    /// <summary>Made by a person; a directory's sync leaves it alone.</summary>
    public const string ByHand = "manual";

    private Member() { }

    public Guid ProjectId { get; private set; }

    public Guid UserId { get; private set; }

    public ProjectRole Role { get; private set; }

    /// <summary><see cref="ByHand"/>, or the name of the directory or provider whose groups gave it.</summary>
    public string Source { get; private set; } = ByHand;

    public DateTimeOffset CreatedAt { get; private set; }

    public static Member Create(Guid projectId, Guid userId, ProjectRole role, DateTimeOffset now, string source = ByHand) =>
        new()
        {
            ProjectId = projectId,
            UserId = userId,
            Role = role,
            Source = source,
            CreatedAt = now,
        };

    public void ChangeRole(ProjectRole role, string source = ByHand) => (Role, Source) = (role, source);
}
