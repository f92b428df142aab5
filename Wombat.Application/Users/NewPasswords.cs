using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

internal static class NewPasswords
{
    /// <exception cref="InvalidInputException">The password is too easy to guess.</exception>
    public static string HashNew(this IPasswords passwords, string field, string password, string login, UserProfile profile) =>
        passwords.Objection(password, login, profile.Email?.Split('@')[0], profile.FullName) is { } objection
            ? throw new InvalidInputException(field, objection)
            : passwords.Hash(password);
}
