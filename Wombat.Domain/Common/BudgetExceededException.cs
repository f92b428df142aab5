namespace Wombat.Domain.Common;

/// <summary>The request exceeds a quota.</summary>
/// <param name="limit">The name of the quota, as in its setting.</param>
/// <param name="allowed">The limit.</param>
/// <param name="used">The amount in use.</param>
/// <param name="requested">The amount that the request adds.</param>
public sealed class BudgetExceededException(string limit, long allowed, long used, long requested)
    : WombatException(ErrorCode.BudgetExceeded, $"The limit {limit} allows {allowed}; {used} in use, {requested} requested.")
{
    public string Limit => limit;

    public long Allowed => allowed;

    public long Used => used;

    public long Requested => requested;
}
