namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>What a session keeps of the provider's tokens, encrypted.</summary>
internal sealed record StoredTokens(string Subject, string? RefreshToken, string? IdToken);
