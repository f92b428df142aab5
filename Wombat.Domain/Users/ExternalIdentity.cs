namespace Wombat.Domain.Users;

/// <summary>A user's account at an issuer. Issuer and subject identify it; e-mail addresses and names do not.</summary>
public sealed class ExternalIdentity
{
    public const int IssuerMax = 500;
    public const int SubjectMax = 255;

    /// <summary>The issuer of identities in the LDAP directory. The subject is the entry's UUID, which does not change with renames and moves.</summary>
    public const string Ldap = "ldap";

    private ExternalIdentity() { }

    /// <summary>The URL of an OpenID provider, or <see cref="Ldap"/>.</summary>
    public string Issuer { get; private set; } = "";

    public string Subject { get; private set; } = "";

    public Guid UserId { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Since when the entry is missing in the directory and the user is therefore deactivated; null if the entry exists.</summary>
    public DateTimeOffset? VanishedAt { get; private set; }

    /// <summary>Whether the text is a valid subject.</summary>
    public static bool IsSubject(string text) => text.Length is > 0 and <= SubjectMax && !text.Any(char.IsControl);

    /// <summary>Marks the entry as missing in the directory.</summary>
    public void Vanish(DateTimeOffset now) => VanishedAt = now;

    /// <summary>Marks the entry as found again.</summary>
    public void Return() => VanishedAt = null;

    public static ExternalIdentity Create(string issuer, string subject, Guid userId, DateTimeOffset now) =>
        new()
        {
            Issuer = issuer,
            Subject = subject,
            UserId = userId,
            CreatedAt = now,
        };
}
