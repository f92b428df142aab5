using Wombat.Domain.Common;

namespace Wombat.Domain.Sessions;

/// <summary>A user's sign-in in a browser. Ends by idling, by age, by being revoked, or with its user.</summary>
public sealed class Session
{
    public const int AgentMax = 255;

    /// <summary>Of one user; the oldest beyond it are ended within minutes.</summary>
    public const int SessionsMax = 100;

    private Session() { }

    public Guid Id { get; private set; }

    public Guid UserId { get; private set; }

    /// <summary>SHA-256 of the cookie's 256 random bits.</summary>
    public byte[] Hash { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>To a minute or so.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }

    /// <summary>However busy it is, it ends here.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    public string? Address { get; private set; }

    /// <summary>What the browser says it is.</summary>
    public string? UserAgent { get; private set; }

    /// <summary>The OpenID provider or directory that vouched for the user; null for a password of Wombat's own.</summary>
    public string? Issuer { get; private set; }

    /// <summary>The provider's own name of the session, by which it may end it.</summary>
    public string? ProviderSession { get; private set; }

    /// <summary>The provider's tokens, encrypted; null where it gave none.</summary>
    public byte[]? ProviderTokens { get; private set; }

    /// <summary>When the provider is asked again whether it still vouches; null for never.</summary>
    public DateTimeOffset? RefreshAt { get; private set; }

    /// <summary>Ties the session to the provider that vouched for it.</summary>
    public void LinkToProvider(string issuer, string? providerSession, byte[]? tokens, DateTimeOffset? refreshAt)
    {
        Issuer = issuer;
        ProviderSession = providerSession;
        ProviderTokens = tokens;
        RefreshAt = refreshAt;
    }

    public static Session Create(Guid userId, byte[] hash, DateTimeOffset now, TimeSpan lifetime, string? address, string? userAgent) =>
        new()
        {
            Id = Uuid7.At(now),
            UserId = userId,
            Hash = hash,
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + lifetime,
            Address = address,
            UserAgent = userAgent is { Length: > AgentMax } ? userAgent[..AgentMax] : userAgent,
        };
}
