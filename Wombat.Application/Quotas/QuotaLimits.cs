using Wombat.Domain.Common;
using Wombat.Domain.Containers;

namespace Wombat.Application.Quotas;

/// <summary>How much one user or one project may have; 0 is no limit.</summary>
/// <param name="ProjectsPerUser">Living projects that a user has created.</param>
/// <param name="ContainersPerProject">Containers of a project that are not deleted.</param>
/// <param name="ContainerCpu">Cores of one container.</param>
/// <param name="ContainerMemoryMiB">Memory of one container.</param>
/// <param name="ContainerDiskGiB">Root file system of one container.</param>
public sealed record QuotaLimits(
    int ProjectsPerUser,
    int ContainersPerProject,
    int ContainerCpu,
    int ContainerMemoryMiB,
    int ContainerDiskGiB
)
{
    /// <exception cref="BudgetExceededException">The user has created as many projects as one may have.</exception>
    public void EnsureProjectFits(int created)
    {
        if (IsOver(ProjectsPerUser, created, 1))
        {
            throw new BudgetExceededException("projects_per_user", ProjectsPerUser, created, 1);
        }
    }

    /// <summary>Which limits one more container would exceed, by the request's field.</summary>
    public IEnumerable<(string Field, BudgetExceededException Exceeded)> ExceededBy(ContainerSize size, int containers)
    {
        if (IsOver(ContainersPerProject, containers, 1))
        {
            yield return ("containers", new BudgetExceededException("containers_per_project", ContainersPerProject, containers, 1));
        }

        (string Field, string Limit, int Allowed, int? Requested)[] bounds =
        [
            ("cpu", "container_cpu", ContainerCpu, size.Cpu),
            ("memory", "container_memory_mib", ContainerMemoryMiB, size.MemoryMiB),
            ("disk", "container_disk_gib", ContainerDiskGiB, size.DiskGiB),
        ];
        foreach (var (field, limit, allowed, requested) in bounds)
        {
            if (requested is { } asked && IsOver(allowed, 0, asked))
            {
                yield return (field, new BudgetExceededException(limit, allowed, 0, asked));
            }
        }
    }

    private static bool IsOver(int allowed, int used, int requested) => allowed > 0 && used + requested > allowed;
}
