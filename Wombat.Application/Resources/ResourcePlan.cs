using Wombat.Application.Plugins;
using Wombat.Application.Quotas;

namespace Wombat.Application.Resources;

/// <summary>What a create, a change or a deletion would do.</summary>
/// <param name="WouldCreate">The resource that would be created, whose id is not kept; null when none is.</param>
/// <param name="Objections">What prevents or weakens it.</param>
/// <param name="Existing">How many resources of the kind the project has now.</param>
/// <param name="Budget">The budget of the project before and after.</param>
public sealed record ResourcePlan<TDto>(TDto? WouldCreate, IReadOnlyList<PlanObjection> Objections, int Existing, PlannedBudget Budget)
    where TDto : ResourceDto
{
    /// <summary>The fields of an existing resource that would change.</summary>
    public IReadOnlyList<PlannedChange> WouldChange { get; init; } = [];

    /// <summary>What would be removed, in sentences.</summary>
    public IReadOnlyList<string> WouldRemove { get; init; } = [];

    /// <summary>Whether an existing resource cannot be used for a time.</summary>
    public bool Downtime { get; init; }

    /// <summary>Whether no known objection prevents it.</summary>
    public bool Possible => !Objections.Any(o => o.Prevents);
}
