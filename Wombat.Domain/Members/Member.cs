namespace Wombat.Domain.Members;

/// <summary>A user's membership in a project.</summary>
public sealed class Member
{
    /// <summary>The source of a membership that a user created. Directory synchronization does not change it.</summary>
    public const string ByHand = "manual";

    private Member() { }

    public Guid ProjectId { get; private set; }

    public Guid UserId { get; private set; }

    public ProjectRole Role { get; private set; }

    /// <summary><see cref="ByHand"/>, or the name of the directory or provider whose groups assign the role.</summary>
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
