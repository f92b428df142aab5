namespace Wombat.Domain.Common;

/// <summary>The If-Match header names a version that is not the current one.</summary>
public sealed class StaleVersionException()
    : WombatException(ErrorCode.StaleVersion, "The resource has changed since it was read. Read it again, then repeat the change.");
