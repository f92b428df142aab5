namespace Wombat.Domain.Users;

/// <summary>Who a user is elsewhere. The pair of issuer and subject is the identity; never an e-mail address, and never a name.</summary>
public sealed class ExternalIdentity
{
    public const int IssuerMax = 500;
    public const int SubjectMax = 255;

    /// <summary>Issuer of those whom the LDAP directory knows; the subject is the entry's UUID, which survives renames and moves.</summary>
    public const string Ldap = "ldap";

    private ExternalIdentity() { }

    /// <summary>The URL of an OpenID provider, or <see cref="Ldap"/>.</summary>
    public string Issuer { get; private set; } = "";

    public string Subject { get; private set; } = "";

    public Guid UserId { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Since when the directory no longer knows it, and the user was deactivated for that; null while it does.</summary>
    public DateTimeOffset? VanishedAt { get; private set; }

    /// <summary>Whether it can be kept as a subject.</summary>
    public static bool IsSubject(string text) => text.Length is > 0 and <= SubjectMax && !text.Any(char.IsControl);

    /// <summary>The directory no longer knows it.</summary>
    public void Vanish(DateTimeOffset now) => VanishedAt = now;

    /// <summary>The directory knows it again.</summary>
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
