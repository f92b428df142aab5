namespace Wombat.Domain.Common;

/// <summary>The request is well formed but cannot be carried out, such as an idempotency key used for another body.</summary>
public sealed class UnprocessableException(ErrorCode code, string message) : WombatException(code, message);
