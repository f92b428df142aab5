using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Tiers;

namespace Wombat.Api.Endpoints;

/// <summary>How a tier is rolled out.</summary>
internal sealed class RollOutTierBody
{
    /// <summary>How many databases are changed at the same time.</summary>
    [DefaultValue(TierRollout.DefaultParallel)]
    [Range(1, TierRollout.MaxParallel)]
    public int? Parallel { get; init; }
}
