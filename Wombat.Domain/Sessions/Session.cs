using Wombat.Domain.Common;

namespace Wombat.Domain.Sessions;

/// <summary>A user's sign-in in a browser. It ends by inactivity, age, revocation, or deactivation of the user.</summary>
public sealed class Session
{
    public const int AgentMax = 255;

    /// <summary>The maximum number of sessions per user. Older ones are ended within minutes.</summary>
    public const int SessionsMax = 100;

    private Session() { }

    public Guid Id { get; private set; }

    public Guid UserId { get; private set; }

    /// <summary>The SHA-256 hash of the cookie's 256 random bits.</summary>
    public byte[] Hash { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The last activity, accurate to about a minute.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }

    /// <summary>The end of the session in any case.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    public string? Address { get; private set; }

    /// <summary>The browser's User-Agent.</summary>
    public string? UserAgent { get; private set; }

    /// <summary>The OpenID provider or directory that authenticated the user; null for a password of Wombat.</summary>
    public string? Issuer { get; private set; }

    /// <summary>The provider's session id, by which the provider can end the session.</summary>
    public string? ProviderSession { get; private set; }

    /// <summary>The provider's tokens, encrypted, if any.</summary>
    public byte[]? ProviderTokens { get; private set; }

    /// <summary>When the session is refreshed at the provider; null for never.</summary>
    public DateTimeOffset? RefreshAt { get; private set; }

    /// <summary>Links the session to the provider that authenticated the user.</summary>
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
