using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>The next fires of all schedules that the caller can see and that are not paused.</summary>
/// <param name="From">Now where null or in the past.</param>
/// <param name="To">A week after <paramref name="From"/> where null.</param>
/// <param name="ProjectId">Only those of this project.</param>
[RequirePermission(Permission.CommandRead)]
public sealed record ListFires(DateTimeOffset? From, DateTimeOffset? To, Guid? ProjectId) : IRequest<FiresDto>, IProjectScoped;

internal sealed class ListFiresHandler(IWombatDbContext db, ProjectAccessService projectAccess, TimeProvider clock)
    : IRequestHandler<ListFires, FiresDto>
{
    private const int FiresMax = 1000;
    private const int SchedulesMax = 10_000;
    private static readonly TimeSpan SpanDefault = TimeSpan.FromDays(7);
    private static readonly TimeSpan SpanMax = TimeSpan.FromDays(31);

    public async Task<FiresDto> Handle(ListFires request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var from = request.From > now ? request.From.Value : now;
        var to = request.To ?? (from < DateTimeOffset.MaxValue - SpanDefault ? from + SpanDefault : DateTimeOffset.MaxValue);
        if (to - from > SpanMax)
        {
            throw new InvalidInputException("to", $"must be at most {SpanMax.Days} days after from");
        }

        var rows = await projectAccess
            .Accessible(db.Schedules.AsNoTracking(), request.ProjectId, Permission.CommandRead)
            .Where(s => s.NextFireAt < to)
            .OrderBy(s => s.NextFireAt)
            .Join(db.Commands, s => s.CommandId, c => c.Id, (s, c) => new { Schedule = s, c.Name })
            .Take(SchedulesMax + 1)
            .ToListAsync(cancellationToken);
        var fires = Merge([.. rows.Take(SchedulesMax).Select(r => (r.Schedule, r.Name))], from, to, now);
        return new FiresDto([.. fires.Take(FiresMax)], fires.Count > FiresMax || rows.Count > SchedulesMax);
    }

    // One more than an answer has, so that it is known whether there are more.
    private static List<FireDto> Merge(
        (Schedule Schedule, string Command)[] schedules,
        DateTimeOffset from,
        DateTimeOffset to,
        DateTimeOffset now
    )
    {
        var next = new PriorityQueue<(int Index, ScheduleTimes Times), DateTimeOffset>();
        for (var i = 0; i < schedules.Length; i++)
        {
            if (TryRead(schedules[i].Schedule, now) is { } times && times.After(from.AddTicks(-1)) is { } first && first < to)
            {
                next.Enqueue((i, times), first);
            }
        }

        var fires = new List<FireDto>();
        while (fires.Count <= FiresMax && next.TryDequeue(out var item, out var at))
        {
            var (schedule, command) = schedules[item.Index];
            fires.Add(new(at, schedule.Id, schedule.Name, schedule.CommandId, command, schedule.ProjectId, schedule.Spec.TimeZone));
            if (item.Times.After(at) is { } following && following < to)
            {
                next.Enqueue(item, following);
            }
        }

        return fires;
    }

    private static ScheduleTimes? TryRead(Schedule schedule, DateTimeOffset now)
    {
        try
        {
            return ScheduleTimes.Of(schedule.Spec, now);
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }
}
