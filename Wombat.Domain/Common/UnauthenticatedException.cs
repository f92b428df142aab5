namespace Wombat.Domain.Common;

/// <summary>The request has no valid credential.</summary>
/// <param name="message">The message for the caller. It does not say why a credential is invalid.</param>
/// <param name="reason">Why the credential is invalid, for the audit log; null if there was none.</param>
public sealed class UnauthenticatedException(string message, string? reason = null) : WombatException(ErrorCode.Unauthenticated, message)
{
    public string? Reason { get; } = reason is null ? null : ExternalText.Clean(reason);
}
