using Wombat.Domain.Projects;

namespace Wombat.Application.Quotas;

/// <summary>Amounts of what a project owns; null for no limit.</summary>
/// <param name="Cpu">Cores.</param>
/// <param name="Memory">MiB.</param>
/// <param name="Storage">MiB.</param>
/// <param name="Connections">Client connections of all databases.</param>
public sealed record BudgetAmounts(long? Databases, long? Containers, double? Cpu, long? Memory, long? Storage, long? Connections)
{
    /// <summary>Numbers of databases by the name of their tier; a limit has the limited tiers only.</summary>
    public IReadOnlyDictionary<string, long> Tiers { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    internal static BudgetAmounts Of(ProjectBudget? limit) =>
        limit is null
            ? new BudgetAmounts(null, null, null, null, null, null)
            : new BudgetAmounts(
                limit.Databases,
                limit.Containers,
                limit.CpuMillis / 1000d,
                limit.MemoryMib,
                limit.StorageMib,
                limit.Connections
            )
            {
                Tiers = limit.Tiers.ToDictionary(t => t.Key, t => (long)t.Value, StringComparer.Ordinal),
            };

    internal static BudgetAmounts Of(ResourceDemand used) =>
        new(used.Databases, used.Containers, used.CpuMillis / 1000d, used.MemoryMib, used.StorageMib, used.Connections)
        {
            Tiers = used.Tiers,
        };

    /// <summary>What is left of a limit.</summary>
    public static BudgetAmounts operator -(BudgetAmounts limit, BudgetAmounts used) =>
        new(
            limit.Databases - used.Databases,
            limit.Containers - used.Containers,
            limit.Cpu - used.Cpu,
            limit.Memory - used.Memory,
            limit.Storage - used.Storage,
            limit.Connections - used.Connections
        )
        {
            Tiers = limit.Tiers.ToDictionary(t => t.Key, t => t.Value - used.Tiers.GetValueOrDefault(t.Key), StringComparer.Ordinal),
        };
}
