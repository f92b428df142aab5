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

    public static ResourceDemand operator +(ResourceDemand left, ResourceDemand right) =>
        new()
        {
            Databases = left.Databases + right.Databases,
            Containers = left.Containers + right.Containers,
            CpuMillis = left.CpuMillis + right.CpuMillis,
            MemoryMib = left.MemoryMib + right.MemoryMib,
            StorageMib = left.StorageMib + right.StorageMib,
            Connections = left.Connections + right.Connections,
        };
}
