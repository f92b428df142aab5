namespace Wombat.Domain.Common;

/// <summary>The request contradicts what is stored now.</summary>
public sealed class ConflictException(ErrorCode code, string message) : WombatException(code, message);
