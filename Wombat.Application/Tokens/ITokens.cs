namespace Wombat.Application.Tokens;

/// <summary>Creates the secrets of tokens.</summary>
public interface ITokens
{
    /// <summary>256 random bits with a prefix for secret scanners, and the hash to store.</summary>
    (string Token, byte[] Hash) New();
}
