namespace Wombat.Domain.Common;

/// <summary>The If-Match of the request names a version that is no longer the stored one.</summary>
public sealed class StaleVersionException()
    : WombatException(ErrorCode.StaleVersion, "The resource has changed since it was read. Read it again, then repeat the change.");
