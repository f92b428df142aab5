namespace Wombat.Application.Quotas;

/// <summary>A limit on the resources of a kind, with the setting <c>quotas.NAME</c>; 0 is no limit.</summary>
/// <param name="Name">The name of the limit in the setting and in answers, such as <c>container_cpu</c>.</param>
/// <param name="Field">The field of a create that it bounds, for the plan's objections.</param>
/// <param name="Default">The limit without a setting.</param>
/// <param name="Max">The largest limit that can be set.</param>
/// <param name="IsPerProject">Whether the demand of all living resources of the project counts, and not that of one resource.</param>
public record QuotaDimension(string Name, string Field, int Default, int Max, bool IsPerProject = false);
