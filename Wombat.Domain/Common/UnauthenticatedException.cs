namespace Wombat.Domain.Common;

/// <summary>No valid credential came with the request.</summary>
/// <param name="message">For the caller; tells nothing of why a credential is not valid.</param>
/// <param name="reason">For the audit: why what was presented is not valid; null when nothing was presented.</param>
public sealed class UnauthenticatedException(string message, string? reason = null) : WombatException(ErrorCode.Unauthenticated, message)
{
    public string? Reason { get; } = reason is null ? null : ExternalText.Clean(reason);
}
