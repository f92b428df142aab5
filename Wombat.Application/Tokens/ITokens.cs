using Wombat.Domain.Access;

namespace Wombat.Application.Tokens;

/// <summary>Creates the secrets of tokens, and knows who may do what with them.</summary>
public interface ITokens
{
    /// <summary>256 random bits with a prefix for secret scanners, and the hash to store.</summary>
    (string Token, byte[] Hash) New();

    /// <summary>The caller of a token as it is now; null for an unknown, expired or revoked one, and for that of an inactive user.</summary>
    Task<Caller?> FindCallerAsync(Guid id, CancellationToken cancel);
}
