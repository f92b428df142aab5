using Wombat.Domain.Users;

namespace Wombat.Application.Containers;

/// <summary>An SSH key that opens a container.</summary>
/// <param name="OwnerId">The user, or the token without a user, to whom the key belongs.</param>
/// <param name="Source"><c>member</c> for a key of a member's account, <c>container</c> for one given with the container's request.</param>
internal sealed record ContainerKey(Guid OwnerId, string Source, SshPublicKey Key)
{
    public const string OfMember = "member";
    public const string OfContainer = "container";
}
