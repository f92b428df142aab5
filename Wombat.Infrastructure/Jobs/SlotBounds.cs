namespace Wombat.Infrastructure.Jobs;

/// <summary>The number of a worker's slots that one project and one user may hold and currently hold.</summary>
/// <param name="PerProject">Less than half of the slots, so that two projects cannot hold all.</param>
/// <param name="PerUser">The slots of one requester in all projects.</param>
/// <param name="ByProject">Slots held by project.</param>
/// <param name="ByUser">Slots held by requester.</param>
public sealed record SlotBounds(
    int PerProject,
    int PerUser,
    IReadOnlyDictionary<Guid, int> ByProject,
    IReadOnlyDictionary<Guid, int> ByUser
)
{
    /// <summary>No limits: while jobs take milliseconds, the order of claims is sufficiently fair.</summary>
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
