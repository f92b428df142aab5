using Wombat.Application.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>New values for fields of a user: a field that is absent keeps its value, null sets the default.</summary>
public sealed record UserChanges(
    Optional<string> Email,
    Optional<string> FullName,
    Optional<PlatformRole?> PlatformRole,
    Optional<bool?> Active
)
{
    internal UserProfile ApplyTo(UserProfile current) =>
        new(
            Email.IsPresent ? Email.Value : current.Email,
            FullName.Or(current.FullName, UserProfile.Default.FullName),
            PlatformRole.Or(current.PlatformRole, UserProfile.Default.PlatformRole)!.Value,
            Active.Or(current.Active, UserProfile.Default.Active)!.Value
        );
}
