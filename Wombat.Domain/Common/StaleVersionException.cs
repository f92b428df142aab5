namespace Wombat.Domain.Common;

/// <summary>The request was made for another state than the current one: an earlier version, or another plan.</summary>
public sealed class StaleVersionException(string message) : WombatException(ErrorCode.StaleVersion, message)
{
    /// <summary>Creates an error for an If-Match header that names another version.</summary>
    public StaleVersionException()
        : this("The resource has changed since it was read. Read it again, then repeat the change.") { }
}
