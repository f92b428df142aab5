using Wombat.Domain.Common;

namespace Wombat.Domain.Users;

/// <summary>A public SSH key of a user. It is installed in the containers of the user's projects.</summary>
public sealed class SshKey
{
    public const int NameMax = 100;
    public const int KeysOfUserMax = 50;

    private SshKey() { }

    public Guid Id { get; private set; }

    public Guid UserId { get; private set; }

    public string Name { get; private set; } = "";

    public string Type { get; private set; } = "";

    public string Comment { get; private set; } = "";

    /// <summary><c>SHA256:…</c> as printed by ssh-keygen -l; unique among the user's keys.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>The key in OpenSSH's one-line format.</summary>
    public string PublicKey { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    public static SshKey Create(Guid userId, string? name, SshPublicKey key, DateTimeOffset now) =>
        new()
        {
            Id = Uuid7.At(now),
            UserId = userId,
            Name = name ?? (key.Comment.Length is > 0 and <= NameMax ? key.Comment : key.Type),
            Type = key.Type,
            Comment = key.Comment,
            Fingerprint = key.Fingerprint,
            PublicKey = key.ToString(),
            CreatedAt = now,
        };
}
