namespace Wombat.Application.Tiers;

/// <summary>The arguments of the job that rolls a tier out.</summary>
/// <param name="Parallel">How many databases are changed at the same time.</param>
public sealed record TierRollout(string Tier, int Parallel)
{
    public const int DefaultParallel = 2;
    public const int MaxParallel = 20;
}
