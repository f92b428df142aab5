namespace Wombat.Application.Quotas;

/// <summary>A quota dimension of the resources with this spec.</summary>
/// <param name="Demand">How much of the limit one resource takes; null when the plugin decides, which is not counted.</param>
public sealed record SpecQuota<TSpec>(string Name, string Field, int Default, int Max, Func<TSpec, int?> Demand, bool IsPerProject = false)
    : QuotaDimension(Name, Field, Default, Max, IsPerProject);
