using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

internal sealed class ScheduleFires(
    IWombatDbContext db,
    RequestContext context,
    ActingCallers callers,
    ProjectAccessService projectAccess,
    RunRequests requests,
    ScheduleWriting writing,
    AuditLog auditLog
) : IScheduleFires
{
    // How long a schedule waits whose times cannot be computed.
    private static readonly TimeSpan UnknownTimesWait = TimeSpan.FromHours(1);

    // How long one waits that fails without a known reason: less than Schedule.MissedAfter, so that its time is not missed meanwhile.
    private static readonly TimeSpan FailureWait = TimeSpan.FromSeconds(30);

    public async Task<bool> FireAsync(Guid schedule, Guid command, DateTimeOffset now, CancellationToken cancel)
    {
        context.Caller = Caller.System;
        try
        {
            return await db.InTransactionAsync(token => RequestAsync(schedule, command, now, token), cancel);
        }
        catch (WombatException e) when (e is not (UnavailableException or ExternalSystemException or StaleVersionException))
        {
            // What the request has changed was rolled back.
            db.Context.ChangeTracker.Clear();
            (context.Caller, context.ProjectAccess) = (Caller.System, null);
            return await db.InTransactionAsync(token => RefuseAsync(schedule, command, now, e, token), cancel);
        }
    }

    public async Task PostponeAsync(Guid schedule, DateTimeOffset now, CancellationToken cancel)
    {
        context.Caller = Caller.System;
        var code = ErrorCode.Internal.Name;
        var row = db.Schedules.Where(s => s.Id == schedule && s.NextFireAt != null);
        var until = now + FailureWait;
        await db.InTransactionAsync(
            async token =>
            {
                var known = await row.Select(s => new { s.ProjectId, s.ProblemCode }).SingleOrDefaultAsync(token);
                await row.ExecuteUpdateAsync(
                    s =>
                        s.SetProperty(x => x.NextFireAt, until)
                            .SetProperty(x => x.HandledUntil, x => x.HandledUntil > now ? now : x.HandledUntil)
                            .SetProperty(x => x.ProblemCode, code)
                            .SetProperty(x => x.ProblemMessage, "Wombat failed to handle the schedule; its log has the reason."),
                    token
                );
                if (known is not null && known.ProblemCode != code)
                {
                    Record(schedule, known.ProjectId, new ScheduleProblemDto(code, ""));
                }

                return await db.SaveChangesAsync(token);
            },
            cancel
        );
    }

    private async Task<bool> RequestAsync(Guid id, Guid commandId, DateTimeOffset now, CancellationToken cancel)
    {
        var (schedule, command) = await LockDueAsync(id, commandId, now, cancel);
        if (schedule is null)
        {
            return false;
        }

        if (await TakeAsync(schedule, now, cancel) is { } fire)
        {
            await ActAsync(schedule, command!, cancel);
            EnsureIsCurrent(schedule, command!);
            await requests.EnsureAcceptsRunsAsync(command!.ProjectId, cancel);
            var values = writing.ValuesOf(schedule, command.Spec);
            var hosts = new HostChoice(schedule.Spec.HostIds, schedule.Spec.AllHosts);
            var prepared = await requests.PrepareAsync(command, values, hosts, cancel);
            var run = await requests.AddAsync(command, prepared with { ScheduleId = id }, cancel);
            schedule.Accept(fire, run.Id);
        }

        await db.SaveChangesAsync(cancel);
        return schedule.NextFireAt <= now;
    }

    private async Task<bool> RefuseAsync(Guid id, Guid commandId, DateTimeOffset now, WombatException reason, CancellationToken cancel)
    {
        var (schedule, _) = await LockDueAsync(id, commandId, now, cancel);
        if (schedule is null)
        {
            return false;
        }

        try
        {
            await TakeAsync(schedule, now, cancel);
        }
        catch (InvalidInputException)
        {
            var handled = schedule.IsAhead(now) ? now : schedule.HandledUntil;
            schedule.Handle(handled, now + UnknownTimesWait);
        }

        var problem = new ScheduleProblemDto(reason.Code, TextOf(reason));
        if (schedule.Refuse(problem.Code, problem.Message))
        {
            Record(id, schedule.ProjectId, problem);
        }

        await db.SaveChangesAsync(cancel);
        return schedule.NextFireAt <= now;
    }

    // The command first, as everybody locks it who deletes it or requests a run of it.
    private async Task<(Schedule? Schedule, Command? Command)> LockDueAsync(
        Guid id,
        Guid commandId,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        var command = await db.LockCommandAsync(commandId, cancel);
        var schedule = command is null ? null : await db.LockScheduleAsync(id, cancel);
        if (schedule is { Spec.IsPaused: true, NextFireAt: not null })
        {
            schedule.Handle(schedule.HandledUntil, null);
            await db.SaveChangesAsync(cancel);
        }

        return schedule is { NextFireAt: { } next } && (next <= now || schedule.IsAhead(now)) ? (schedule, command) : default;
    }

    // Returns the time for which the schedule fires now; null if there is none.
    private async Task<DateTimeOffset?> TakeAsync(Schedule schedule, DateTimeOffset now, CancellationToken cancel)
    {
        var times = ScheduleTimes.Of(schedule.Spec, now);
        var chosen = schedule.IsAhead(now) ? null : MissedFireRule.Choose(schedule.Spec.Missed, times, schedule.HandledUntil, now);
        var until = chosen ?? now;
        schedule.Handle(until, times.After(until));
        if (chosen is not { } fire || !await db.RecordFireAsync(schedule.Id, fire, cancel))
        {
            return null;
        }

        // A clock that was set back may need the fires before it.
        var old = (fire < now ? fire : now) - Schedule.FiresKept;
        await db.ScheduleFires.Where(f => f.ScheduleId == schedule.Id && f.At < old).ExecuteDeleteAsync(cancel);
        return fire;
    }

    private async Task ActAsync(Schedule schedule, Command command, CancellationToken cancel)
    {
        var caller = await callers.FindAsync(schedule.RunAsUserId, schedule.RunAsTokenId, Caller.BySchedule, cancel);
        context.Caller = caller ?? throw AccessLost(schedule);
        context.ProjectAccess =
            caller.HasFullAccess ? ProjectAccess.Full
            : command.ProjectId is { } project ? await projectAccess.GetAsync(project)
            : default(ProjectAccess);
        try
        {
            requests.EnsureMayRun(command.Spec);
        }
        catch (ForbiddenException)
        {
            throw AccessLost(schedule);
        }
    }

    // Who saved the schedule has agreed to the command as it was then, and has given it secrets.
    private static void EnsureIsCurrent(Schedule schedule, Command command)
    {
        if (schedule.Spec.CommandVersion != 0 && schedule.Spec.CommandVersion != command.Version)
        {
            throw new ConflictException(
                ErrorCode.ScheduleOutdated,
                "The command was changed after the schedule was saved. Somebody who may run it has to save the schedule again."
            );
        }
    }

    private static ForbiddenException AccessLost(Schedule schedule) =>
        new(
            ErrorCode.ScheduleAccessLost,
            $"{schedule.RunAs}, who saved the schedule, may no longer run the command, or the token that was used is not valid. "
                + "Somebody who may run the command has to save the schedule again."
        );

    private static string TextOf(WombatException reason) =>
        reason is InvalidInputException invalid
            ? string.Join("; ", invalid.Errors.Select(e => $"{e.Key} {string.Join(", ", e.Value)}"))
            : reason.Message;

    private void Record(Guid schedule, Guid? project, ScheduleProblemDto problem) =>
        auditLog.Record(EventAction.ScheduleRefused, "schedule", schedule, project, after: problem, outcome: "failure");
}
