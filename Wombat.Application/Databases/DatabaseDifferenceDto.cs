using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Databases;

/// <summary>A difference between a database and what was requested, because somebody changed it outside Wombat.</summary>
/// <param name="Field">What differs.</param>
/// <param name="Expected">As requested; null when there should be nothing.</param>
/// <param name="Actual">As observed; null when it is missing.</param>
/// <param name="Adoptable">Whether the actual value can be adopted; otherwise it can only be repaired.</param>
public sealed record DatabaseDifferenceDto(string Field, string? Expected, string? Actual, bool Adoptable)
{
    internal static DatabaseDifferenceDto Of(Database database, ResourceDifference difference) =>
        new(difference.Field, difference.Expected, difference.Actual, database.Spec.Settings.CanAdopt(difference));
}
