namespace Wombat.Domain.Common;

/// <summary>The request is valid but cannot be processed, such as an idempotency key that was used for another body.</summary>
public sealed class UnprocessableException(ErrorCode code, string message) : WombatException(code, message);
