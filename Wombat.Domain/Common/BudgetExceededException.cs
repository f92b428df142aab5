namespace Wombat.Domain.Common;

/// <summary>The request asks for more than a quota allows.</summary>
/// <param name="limit">The quota's name, as its setting has it.</param>
/// <param name="allowed">How much it allows.</param>
/// <param name="used">How much is in use.</param>
/// <param name="requested">How much the request adds.</param>
public sealed class BudgetExceededException(string limit, long allowed, long used, long requested)
    : WombatException(ErrorCode.BudgetExceeded, $"The limit {limit} allows {allowed}; {used} in use, {requested} requested.")
{
    public string Limit => limit;

    public long Allowed => allowed;

    public long Used => used;

    public long Requested => requested;
}
