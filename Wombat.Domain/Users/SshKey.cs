using Wombat.Domain.Common;

namespace Wombat.Domain.Users;

/// <summary>A public key of one user; it reaches the containers of the projects that the user is a member of.</summary>
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

    /// <summary><c>SHA256:…</c> as ssh-keygen -l shows it; unique among the keys of the user.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>OpenSSH's one-line form.</summary>
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
