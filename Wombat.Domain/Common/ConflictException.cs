namespace Wombat.Domain.Common;

/// <summary>The request conflicts with the current state.</summary>
public sealed class ConflictException(ErrorCode code, string message) : WombatException(code, message);
