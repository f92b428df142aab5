namespace Wombat.Domain.Projects;

/// <summary>The limits of what a project owns, all resource kinds together; null for no limit.</summary>
public sealed class ProjectBudget
{
    public Guid ProjectId { get; init; }

    public int? Databases { get; private set; }

    public int? Containers { get; private set; }

    /// <summary>Thousandths of a core.</summary>
    public int? CpuMillis { get; private set; }

    public int? MemoryMib { get; private set; }

    public int? StorageMib { get; private set; }

    /// <summary>Client connections of all databases.</summary>
    public int? Connections { get; private set; }

    /// <summary>Numbers of databases by the name of their tier; a tier that is absent has no limit.</summary>
    public IReadOnlyDictionary<string, int> Tiers { get; private set; } = new Dictionary<string, int>(StringComparer.Ordinal);

    public void Set(
        int? databases,
        int? containers,
        int? cpuMillis,
        int? memoryMib,
        int? storageMib,
        int? connections,
        IReadOnlyDictionary<string, int> tiers
    ) =>
        (Databases, Containers, CpuMillis, MemoryMib, StorageMib, Connections, Tiers) = (
            databases,
            containers,
            cpuMillis,
            memoryMib,
            storageMib,
            connections,
            tiers
        );
}
