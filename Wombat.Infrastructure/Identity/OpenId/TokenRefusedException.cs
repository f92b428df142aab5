namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>A token is not what it claims to be. The message is for the audit.</summary>
public sealed class TokenRefusedException(string reason) : Exception(reason);
