namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>A token is not valid. The message is for the audit log.</summary>
public sealed class TokenRefusedException(string reason) : Exception(reason);
