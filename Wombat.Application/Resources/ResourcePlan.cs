using Wombat.Application.Plugins;

namespace Wombat.Application.Resources;

/// <summary>What creating a resource would do.</summary>
/// <param name="WouldCreate">The resource that would be created; its id is not kept.</param>
/// <param name="Objections">What prevents the creation.</param>
/// <param name="Existing">How many resources of the kind the project has now.</param>
public sealed record ResourcePlan<TDto>(TDto WouldCreate, IReadOnlyList<PlanObjection> Objections, int Existing)
{
    /// <summary>Whether no known objection prevents the creation.</summary>
    public bool Possible => !Objections.Any(o => o.Prevents);
}
