using Wombat.Application.Plugins;
using Wombat.Domain.Common;

namespace Wombat.Application.Quotas;

/// <summary>What one request would take of one limit.</summary>
/// <param name="Allowed">The limit; 0 is no limit.</param>
public sealed record QuotaDemand(string Limit, string Field, long Allowed, long Used, long Requested)
{
    public bool IsExceeded => Allowed > 0 && Requested > 0 && Used + Requested > Allowed;

    public BudgetExceededException ToException() => new(Limit, Allowed, Used, Requested);

    public PlanObjection ToObjection() => new(Field, ToException().Message);
}
