namespace Wombat.Application.Tokens;

/// <summary>Makes tokens and what is stored of them.</summary>
public interface ITokens
{
    /// <summary>256 random bits behind a prefix that scanners of leaked secrets know, and the hash to store.</summary>
    (string Token, byte[] Hash) New();
}
