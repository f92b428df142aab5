using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Changes;

/// <summary>
/// Reads the changes after a position. Of jobs only the end is an event, so the last page names all jobs that have not ended.
/// </summary>
/// <param name="After">Null for the newest position, without changes.</param>
[RequirePermission(Permission.ChangeRead)]
public sealed record ReadChanges(long? After) : IRequest<ChangePage>
{
    /// <summary>A reader that is further behind reads everything again, which costs less.</summary>
    public const int MaxBehind = 10_000;

    public const int AtOnce = 250;

    internal static IReadOnlySet<Guid> UsersOf(Caller caller) => caller.UserId is { } user ? new HashSet<Guid> { user } : [];
}

internal sealed class ReadChangesHandler(
    IWombatDbContext db,
    RequestContext context,
    ProjectAccessService projectAccess,
    ChangeMapper mapper,
    ChangeReader reader
) : IRequestHandler<ReadChanges, ChangePage>
{
    public async Task<ChangePage> Handle(ReadChanges request, CancellationToken cancellationToken)
    {
        var newest = await db.NewestPositionAsync(cancellationToken);
        if (request.After is not { } after)
        {
            return new ChangePage([], newest);
        }

        var oldest = await db
            .EventPositions.AsNoTracking()
            .OrderBy(p => p.Position)
            .Select(p => p.Position)
            .FirstOrDefaultAsync(cancellationToken);
        if (after > newest || after < newest - ReadChanges.MaxBehind || after + 1 < oldest)
        {
            return new ChangePage([], newest, IsReset: true);
        }

        var events = await db.EventsAfterAsync(after, ReadChanges.AtOnce, cancellationToken);
        var hasMore = events.Count == ReadChanges.AtOnce;
        var position = hasMore ? events[^1].Position : Math.Max(newest, events.Count == 0 ? after : events[^1].Position);
        var changes = events.SelectMany(mapper.Map).ToList();
        if (!hasMore)
        {
            var unfinished = await UnfinishedJob.ReadAllAsync(ReadableJobs(), cancellationToken);
            changes.AddRange(unfinished.Select(j => ChangeMapper.OfJob(j.Id, j.ProjectId)));
        }

        var caller = context.Caller!;
        var batch = await reader.ReadAsync(changes, ReadChanges.UsersOf(caller), cancellationToken);
        return new ChangePage(batch.For(caller, position), position, hasMore);
    }

    // Those of other projects neither cost a reader anything nor use up the limit.
    private IQueryable<Job> ReadableJobs() =>
        projectAccess.AccessibleProjectIds(Permission.JobRead) is { } visible
            ? db.Jobs.Where(j => j.ProjectId != null && visible.Contains(j.ProjectId.Value))
            : db.Jobs;
}
