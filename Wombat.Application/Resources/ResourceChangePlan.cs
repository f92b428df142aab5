using Wombat.Application.Plugins;
using Wombat.Application.Quotas;
using Wombat.Domain.Common;

namespace Wombat.Application.Resources;

/// <summary>What an operation or a deletion would do to a resource.</summary>
public sealed record ResourceChangePlan
{
    /// <summary>The fields that would change.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; init; } = [];

    /// <summary>What would be removed, in sentences.</summary>
    public IReadOnlyList<string> Removes { get; init; } = [];

    /// <summary>What prevents or weakens it.</summary>
    public IReadOnlyList<PlanObjection> Objections { get; init; } = [];

    /// <summary>What the resource takes of the budget afterwards; null when that does not change.</summary>
    public ResourceDemand? DemandAfter { get; init; }

    /// <summary>Whether the resource cannot be used for a time.</summary>
    public bool Downtime { get; init; }

    /// <exception cref="InvalidInputException">Something prevents it.</exception>
    public void EnsurePossible()
    {
        if (Objections.FirstOrDefault(o => o.Prevents) is { } objection)
        {
            throw new InvalidInputException(objection.Field, objection.Message);
        }
    }
}
