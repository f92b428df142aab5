using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Resources;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Tiers;

/// <summary>Reads that several use cases of tiers share.</summary>
internal static class TierQueries
{
    /// <exception cref="NotFoundException">There is no such tier.</exception>
    public static async Task<Tier> FindTierAsync(this IWombatDbContext db, string name, CancellationToken cancel) =>
        await db.Tiers.AsNoTracking().SingleOrDefaultAsync(t => t.Name == name, cancel) ?? throw new NotFoundException("tier");

    /// <summary>The databases of the tier that do not have its present version, without deleted ones.</summary>
    public static IQueryable<Database> Outdated(this IQueryable<Database> databases, Tier tier)
    {
        var (name, version) = (tier.Name, tier.Version.ToString(CultureInfo.InvariantCulture));
        return databases.Where(d =>
            JsonColumn.Text(d.Spec, "tier") == name
            && JsonColumn.Text(d.Spec, "tier_version") != version
            && d.Status != ResourceStatus.Deleted
            && d.Status != ResourceStatus.Deleting
        );
    }
}
