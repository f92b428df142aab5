using Wombat.Domain.Users;

namespace Wombat.Application.Containers;

/// <summary>What an event tells of the SSH keys that were given with a container's request.</summary>
/// <param name="OwnerId">The user, or the token that is no user's, who gave them.</param>
public sealed record GivenKeysRecord(Guid OwnerId, IReadOnlyList<string> Fingerprints)
{
    internal static IReadOnlyList<string> FingerprintsOf(IEnumerable<string> lines) =>
        [.. lines.Select(l => SshPublicKey.Parse(l, out _)?.Fingerprint ?? "unreadable")];
}
