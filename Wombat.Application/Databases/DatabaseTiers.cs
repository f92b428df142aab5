using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Databases;

/// <summary>The tiers that requests for databases name.</summary>
internal sealed class DatabaseTiers(IWombatDbContext db)
{
    /// <exception cref="InvalidInputException">There is no such tier.</exception>
    public async Task<Tier> FindAsync(string name, CancellationToken cancel) =>
        await db.Tiers.AsNoTracking().SingleOrDefaultAsync(t => t.Name == name, cancel) ?? throw await UnknownAsync(cancel);

    /// <summary>Prevents that the tier is deleted or changed until the transaction ends.</summary>
    /// <exception cref="InvalidInputException">There is no such tier.</exception>
    public async Task<Tier> LockAsync(string name, CancellationToken cancel) =>
        await db.LockTierAsync(name, exclusive: false, cancel) ?? throw await UnknownAsync(cancel);

    /// <summary>What prevents that an existing database gets the tier, whatever its provider says.</summary>
    public static IEnumerable<PlanObjection> FindObjections(Database database, Tier tier)
    {
        if (tier.Spec.StorageMib < database.Spec.Settings.StorageMib)
        {
            yield return new PlanObjection("tier", "has less storage than the database; storage cannot shrink");
        }

        if (database.DeletionProtection && tier.Spec.MaxLifetimeDays is not null)
        {
            yield return new PlanObjection("tier", "would let the database expire, which is protected from deletion");
        }

        if (tier.Plugin is { } plugin && plugin != database.Plugin)
        {
            yield return new PlanObjection("tier", $"is provided by the plugin {plugin}; the database is at {database.Plugin}");
        }
    }

    private async Task<InvalidInputException> UnknownAsync(CancellationToken cancel)
    {
        var names = await db.Tiers.AsNoTracking().OrderBy(t => t.Name).Select(t => t.Name).ToListAsync(cancel);
        return new InvalidInputException("tier", $"must be one of {string.Join(", ", names)}");
    }
}
