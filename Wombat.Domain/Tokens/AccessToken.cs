using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Domain.Tokens;

/// <summary>
/// A bearer token of a user, of a project (a service account), or the first admin token, which has neither.
/// Only the SHA-256 hash of its 256 random bits is stored.
/// </summary>
public sealed class AccessToken
{
    public const int NameMax = 100;
    public const int TokensMax = 100;

    private AccessToken() { }

    public Guid Id { get; private set; }

    public string Name { get; private set; } = "";

    public byte[] Hash { get; private set; } = [];

    /// <summary>The user as whom it acts; null for a project token.</summary>
    public Guid? UserId { get; private set; }

    /// <summary>The only project to which it gives access; null for all projects of its user.</summary>
    public Guid? ProjectId { get; private set; }

    public TokenScope Scope { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public string CreatedBy { get; private set; } = "";

    /// <summary>The user who created it; null if it was not created by a user.</summary>
    public Guid? CreatedById { get; private set; }

    /// <summary>
    /// The token with which it was created, and with which it is revoked; null if it was created with another credential.
    /// </summary>
    public Guid? ParentTokenId { get; private set; }

    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>The last use, accurate to about a minute; null if never used.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public static AccessToken OfUser(Guid userId, TokenRequest request, byte[] hash, Caller by, DateTimeOffset now) =>
        Create(userId, request, hash, by, now);

    /// <summary>Creates a project token (service account): it acts only in its project, with the role of its scope.</summary>
    public static AccessToken OfProject(TokenRequest request, byte[] hash, Caller by, DateTimeOffset now) =>
        Create(null, request, hash, by, now);

    /// <summary>Creates the first admin token, which belongs to no user and no project.</summary>
    public static AccessToken CreateFirstAdmin(byte[] hash, DateTimeOffset now) =>
        Create(null, new TokenRequest(Caller.FirstAdmin, TokenScope.Manage, ProjectId: null, ExpiresAt: null), hash, Caller.System, now);

    /// <exception cref="ConflictException">The token is already revoked.</exception>
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
            ParentTokenId = IsCreatedByToken(by) ? by.CredentialId : null,
            ExpiresAt = request.ExpiresAt ?? EndOf(by),
        };

    /// <summary>
    /// The latest expiry of tokens that the caller creates. Tokens created by a session may outlive it; tokens created by a token may not.
    /// </summary>
    public static DateTimeOffset? EndOf(Caller creator) =>
        creator.AuthenticationType is Caller.ByToken or Caller.ByJwt ? creator.ExpiresAt : null;

    /// <summary>The token with which a token created by the caller is revoked, if any.</summary>
    public static bool IsCreatedByToken(Caller creator) => creator is { AuthenticationType: Caller.ByToken, CredentialId: not null };
}
