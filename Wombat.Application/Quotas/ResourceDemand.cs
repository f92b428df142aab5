namespace Wombat.Application.Quotas;

/// <summary>What resources take of a project's budget.</summary>
public sealed record ResourceDemand
{
    public long Databases { get; init; }

    public long Containers { get; init; }

    /// <summary>Thousandths of a core.</summary>
    public long CpuMillis { get; init; }

    public long MemoryMib { get; init; }

    public long StorageMib { get; init; }

    /// <summary>Client connections of databases.</summary>
    public long Connections { get; init; }

    /// <summary>Numbers of databases by the name of their tier.</summary>
    public IReadOnlyDictionary<string, long> Tiers { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    public static ResourceDemand operator +(ResourceDemand left, ResourceDemand right) => Combine(left, right, (a, b) => a + b);

    public static ResourceDemand operator -(ResourceDemand left, ResourceDemand right) => Combine(left, right, (a, b) => a - b);

    /// <summary>The larger amount of each.</summary>
    public static ResourceDemand Max(ResourceDemand left, ResourceDemand right) => Combine(left, right, Math.Max);

    private static ResourceDemand Combine(ResourceDemand left, ResourceDemand right, Func<long, long, long> combine) =>
        new()
        {
            Databases = combine(left.Databases, right.Databases),
            Containers = combine(left.Containers, right.Containers),
            CpuMillis = combine(left.CpuMillis, right.CpuMillis),
            MemoryMib = combine(left.MemoryMib, right.MemoryMib),
            StorageMib = combine(left.StorageMib, right.StorageMib),
            Connections = combine(left.Connections, right.Connections),
            Tiers = left
                .Tiers.Keys.Union(right.Tiers.Keys, StringComparer.Ordinal)
                .ToDictionary(
                    t => t,
                    t => combine(left.Tiers.GetValueOrDefault(t), right.Tiers.GetValueOrDefault(t)),
                    StringComparer.Ordinal
                ),
        };
}
