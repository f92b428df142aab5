using Wombat.Domain.Access;

namespace Wombat.Application.Users;

internal static class UserPrivacy
{
    /// <summary>Leaves out what is between the user and the admins.</summary>
    public static UserDto For(this UserDto user, Caller caller)
    {
        user.Email = caller.IsAdmin || caller.UserId == user.Id ? user.Email : null;
        return user;
    }
}
