using Wombat.Application.Quotas;

namespace Wombat.Api.Endpoints;

/// <summary>The limits of a project over everything that it owns; one that is absent is no limit.</summary>
internal sealed class SetBudgetBody
{
    /// <summary>Number of databases.</summary>
    public long? Databases { get; init; }

    /// <summary>Number of containers.</summary>
    public long? Containers { get; init; }

    /// <summary>Cores.</summary>
    public double? Cpu { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long? Memory { get; init; }

    /// <summary>Disk in MiB.</summary>
    public long? Storage { get; init; }

    /// <summary>Client connections of all databases.</summary>
    public long? Connections { get; init; }

    /// <summary>Numbers of databases by the name of their tier; a tier that is absent has no limit.</summary>
    public Dictionary<string, long>? Tiers { get; init; }

    internal BudgetAmounts ToAmounts() =>
        new(Databases, Containers, Cpu, Memory, Storage, Connections)
        {
            Tiers = Tiers ?? new Dictionary<string, long>(StringComparer.Ordinal),
        };
}
