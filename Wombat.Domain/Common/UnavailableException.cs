namespace Wombat.Domain.Common;

/// <summary>
/// Wombat itself cannot answer at the moment, such as while it stops; a retry helps. For outside systems see
/// <see cref="ExternalSystemException"/>.
/// </summary>
public sealed class UnavailableException(ErrorCode code, string message) : WombatException(code, message);
