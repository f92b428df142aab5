namespace Wombat.Domain.Common;

/// <summary>An outside system that the request needs does not answer; trying again later helps.</summary>
public sealed class UnavailableException(ErrorCode code, string message) : WombatException(code, message);
