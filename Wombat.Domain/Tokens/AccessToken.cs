using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Domain.Tokens;

/// <summary>
/// A bearer token: of a user, of a project (its service account), or the first admin's, which has neither.
/// Only the SHA-256 of its 256 random bits is stored.
/// </summary>
public sealed class AccessToken
{
    public const int NameMax = 100;
    public const int TokensMax = 100;

    private AccessToken() { }

    public Guid Id { get; private set; }

    public string Name { get; private set; } = "";

    public byte[] Hash { get; private set; } = [];

    /// <summary>Who it acts as; null for a project's.</summary>
    public Guid? UserId { get; private set; }

    /// <summary>The one project that it reaches; null for all that its user reaches.</summary>
    public Guid? ProjectId { get; private set; }

    public TokenScope Scope { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public string CreatedBy { get; private set; } = "";

    /// <summary>The user who made it; null where no user did.</summary>
    public Guid? CreatedById { get; private set; }

    /// <summary>The token that it was made with, which it does not outlive; null where it was made by another credential.</summary>
    public Guid? MakerId { get; private set; }

    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>To a minute or so; null before the first use.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public static AccessToken OfUser(Guid userId, TokenRequest request, byte[] hash, Caller by, DateTimeOffset now) =>
        Create(userId, request, hash, by, now);

    /// <summary>A service account: acts in its project alone, by the scope's role.</summary>
    public static AccessToken OfProject(TokenRequest request, byte[] hash, Caller by, DateTimeOffset now) =>
        Create(null, request, hash, by, now);

    /// <summary>The one that is there before anybody is: nobody's, and for everything.</summary>
    public static AccessToken OfFirstAdmin(byte[] hash, DateTimeOffset now) =>
        Create(null, new TokenRequest(Caller.FirstAdmin, TokenScope.Manage, ProjectId: null, ExpiresAt: null), hash, Caller.System, now);

    /// <exception cref="ConflictException">It was revoked before.</exception>
    public void Revoke(DateTimeOffset now) =>
        RevokedAt = RevokedAt is null ? now : throw new ConflictException(ErrorCode.TokenRevoked, "The token is already revoked.");

    private static AccessToken Create(Guid? userId, TokenRequest request, byte[] hash, Caller by, DateTimeOffset now) =>
        new()
        {
            Id = Uuid7.At(now),
            Name = request.Name,
            Hash = hash,
            UserId = userId,
            ProjectId = request.ProjectId,
            Scope = request.Scope,
            CreatedAt = now,
            CreatedBy = by.Name,
            CreatedById = by.UserId,
            MakerId = IsMadeByToken(by) ? by.CredentialId : null,
            ExpiresAt = request.ExpiresAt ?? EndOf(by),
        };

    /// <summary>When a token that the caller makes ends at the latest: sessions make tokens that outlive them, tokens do not.</summary>
    public static DateTimeOffset? EndOf(Caller maker) =>
        maker.AuthenticationType is Caller.ByToken or Caller.ByJwt ? maker.ExpiresAt : null;

    /// <summary>Whether a token that the caller makes is revoked with the caller's own.</summary>
    public static bool IsMadeByToken(Caller maker) => maker is { AuthenticationType: Caller.ByToken, CredentialId: not null };
}
