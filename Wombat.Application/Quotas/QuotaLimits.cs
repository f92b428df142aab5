using Wombat.Domain.Common;

namespace Wombat.Application.Quotas;

/// <summary>How much one user or one project may have; 0 is no limit.</summary>
/// <param name="ProjectsPerUser">Living projects that a user has created.</param>
/// <param name="OfResources">The limits on resources by the name of their dimension, where they are set.</param>
public sealed record QuotaLimits(int ProjectsPerUser, IReadOnlyDictionary<string, int> OfResources)
{
    /// <exception cref="BudgetExceededException">The user has created as many projects as one may have.</exception>
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
