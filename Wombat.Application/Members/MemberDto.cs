using Wombat.Domain.Members;
using Wombat.Domain.Users;

namespace Wombat.Application.Members;

/// <summary>A member of a project.</summary>
/// <param name="Source">manual, or the directory or provider whose groups gave the role.</param>
public sealed record MemberDto(
    Guid UserId,
    string Login,
    string FullName,
    bool Active,
    ProjectRole Role,
    string Source,
    DateTimeOffset CreatedAt
)
{
    public static MemberDto Of(User user, Member member) =>
        new(user.Id, user.Login, user.FullName, user.Active, member.Role, member.Source, member.CreatedAt);
}
