namespace Wombat.Domain.Common;

/// <summary>The request contradicts what is stored now.</summary>
public sealed class ConflictException(string code, string message) : WombatException(code, message);
