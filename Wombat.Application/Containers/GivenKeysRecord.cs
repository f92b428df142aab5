using Wombat.Domain.Users;

namespace Wombat.Application.Containers;

/// <summary>The data of an event about the SSH keys in a container's request.</summary>
/// <param name="OwnerId">The user, or the token without a user, who gave the keys.</param>
public sealed record GivenKeysRecord(Guid OwnerId, IReadOnlyList<string> Fingerprints)
{
    internal static IReadOnlyList<string> FingerprintsOf(IEnumerable<string> lines) =>
        [.. lines.Select(l => SshPublicKey.Parse(l, out _)?.Fingerprint ?? "unreadable")];
}
