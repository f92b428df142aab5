namespace Wombat.Infrastructure.Jobs;

/// <summary>How many of a worker's slots one project and one user may hold, and who holds how many now.</summary>
/// <param name="PerProject">Less than half of all, so that two projects cannot hold them all.</param>
/// <param name="PerUser">Of one who asked for jobs in whatever projects.</param>
/// <param name="ByProject">Slots held by project.</param>
/// <param name="ByUser">Slots held by who asked.</param>
public sealed record SlotBounds(
    int PerProject,
    int PerUser,
    IReadOnlyDictionary<Guid, int> ByProject,
    IReadOnlyDictionary<Guid, int> ByUser
)
{
    /// <summary>While jobs take milliseconds, the order of claims is fair enough.</summary>
    public static readonly SlotBounds None = new(int.MaxValue, int.MaxValue, new Dictionary<Guid, int>(), new Dictionary<Guid, int>());

    public static SlotBounds Of(int slots, IEnumerable<ClaimedJob> held)
    {
        var jobs = held.ToList();
        return new SlotBounds(
            Math.Max(1, (slots - 1) / 2),
            Math.Max(1, slots - Math.Max(1, slots / 4)),
            jobs.GroupBy(j => j.ProjectId ?? JobClaimer.NoProject).ToDictionary(g => g.Key, g => g.Count()),
            jobs.Where(j => j.RequestedBy.Id is not null).GroupBy(j => j.RequestedBy.Id!.Value).ToDictionary(g => g.Key, g => g.Count())
        );
    }
}
