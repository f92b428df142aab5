using Wombat.Domain.Common;

namespace Wombat.Application.Quotas;

/// <summary>The limits of a user, a project and a container; 0 for no limit.</summary>
/// <param name="ProjectsPerUser">The number of undeleted projects that a user created.</param>
/// <param name="OfResources">The limits on resources by the name of their dimension.</param>
public sealed record QuotaLimits(int ProjectsPerUser, IReadOnlyDictionary<string, int> OfResources)
{
    /// <exception cref="BudgetExceededException">The user has reached the limit of projects.</exception>
    public void EnsureProjectFits(int created)
    {
        var demand = new QuotaDemand("projects_per_user", "", ProjectsPerUser, created, 1);
        if (demand.IsExceeded)
        {
            throw demand.ToException();
        }
    }

    public int Of(QuotaDimension dimension) => OfResources.GetValueOrDefault(dimension.Name, dimension.Default);
}
