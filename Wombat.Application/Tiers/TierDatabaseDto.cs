using Wombat.Application.Databases;
using Wombat.Application.Resources;
using Wombat.Domain.Databases;
using Wombat.Domain.Resources;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Tiers;

/// <summary>A database that does not have the present version of its tier.</summary>
/// <param name="TierVersion">The version that it has.</param>
/// <param name="Differences">What it would get; empty when only the description of the tier was changed.</param>
public sealed record TierDatabaseDto(
    Guid Id,
    Guid ProjectId,
    string Name,
    ResourceStatus Status,
    int TierVersion,
    IReadOnlyList<PlannedChange> Differences
)
{
    internal static TierDatabaseDto Of(Database database, Tier tier) =>
        new(
            database.Id,
            database.ProjectId,
            database.Name,
            database.Status,
            database.Spec.TierVersion,
            TierDifferences.Between(database.Spec.Settings, tier.Spec)
        );
}
