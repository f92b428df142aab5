namespace Wombat.Application.Containers;

/// <summary>An SSH key that opens a container.</summary>
/// <param name="Source"><c>member</c> for a key of a member's account, <c>container</c> for one given when the container was
/// created.</param>
/// <param name="OwnerId">The user, or the token without a user, to whom the key belongs.</param>
/// <param name="Owner">The owner's login, or the token's name.</param>
public sealed record ContainerKeyDto(string Fingerprint, string Type, string Comment, string Source, Guid OwnerId, string Owner);
