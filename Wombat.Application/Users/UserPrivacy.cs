using Wombat.Domain.Access;

namespace Wombat.Application.Users;

internal static class UserPrivacy
{
    /// <summary>Removes what only the user and admins may see.</summary>
    public static UserDto For(this UserDto user, Caller caller)
    {
        user.Email = caller.IsAdmin || caller.UserId == user.Id ? user.Email : null;
        return user;
    }
}
