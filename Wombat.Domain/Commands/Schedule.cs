using Wombat.Domain.Common;

namespace Wombat.Domain.Commands;

/// <summary>Requests runs of a command at the times of a cron expression, in the name of who saved it last.</summary>
public sealed class Schedule
{
    public const int NameMax = 100;

    /// <summary>The most schedules of one command.</summary>
    public const int SchedulesMax = 50;

    /// <summary>The most missed fires that are made up for at once.</summary>
    public const int MissedMax = 100;

    /// <summary>The purpose with which <see cref="Secrets"/> are encrypted.</summary>
    public const string SecretsPurpose = "schedules.secrets";

    /// <summary>A fire that is older was missed.</summary>
    public static readonly TimeSpan MissedAfter = TimeSpan.FromSeconds(60);

    /// <summary>How long before the last fire the earlier ones are kept, so that a clock that jumps back does not repeat them.</summary>
    public static readonly TimeSpan FiresKept = TimeSpan.FromDays(1);

    /// <summary>By how much the clock may go back without being taken for one that was set.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    private Schedule() { }

    public Guid Id { get; private set; }

    public Guid CommandId { get; private set; }

    /// <summary>The project of the command.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>Unique among the schedules of its command.</summary>
    public string Name { get; private set; } = "";

    public ScheduleSpec Spec { get; private set; } = new();

    /// <summary>The encrypted values of secret parameters, as JSON; null for none.</summary>
    public byte[]? Secrets { get; private set; }

    /// <summary>The name of who created it, at that time.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>The name of who saved it last, in whose name it requests runs.</summary>
    public string RunAs { get; private set; } = "";

    /// <summary>The user in whose name it requests runs; null for a token without a user.</summary>
    public Guid? RunAsUserId { get; private set; }

    /// <summary>The token with which it was saved: it fires no longer than that is valid. Null for another credential.</summary>
    public Guid? RunAsTokenId { get; private set; }

    /// <summary>All its times up to this one have been handled.</summary>
    public DateTimeOffset HandledUntil { get; private set; }

    /// <summary>When it has to be looked at next; null while it is paused.</summary>
    public DateTimeOffset? NextFireAt { get; private set; }

    /// <summary>The time of the last fire that requested a run.</summary>
    public DateTimeOffset? LastFiredAt { get; private set; }

    /// <summary>The run of the last fire.</summary>
    public Guid? LastRunId { get; private set; }

    /// <summary>The code of the refusal of the last fire; null if that was accepted.</summary>
    public string? ProblemCode { get; private set; }

    public string? ProblemMessage { get; private set; }

    /// <summary>Counts the changes by people.</summary>
    public int Version { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public static Schedule Create(Command command, string name, string createdBy, DateTimeOffset now) =>
        new()
        {
            Id = Uuid7.At(now),
            CommandId = command.Id,
            ProjectId = command.ProjectId,
            Name = name,
            CreatedBy = createdBy,
            CreatedAt = now,
        };

    /// <summary>Sets what it does and for whom. Times that have passed belong to the rule before.</summary>
    /// <param name="next">Its next time; null while it is paused.</param>
    public void Save(string name, ScheduleSpec spec, byte[]? secrets, DateTimeOffset? next, DateTimeOffset now)
    {
        if (Version == 0 || (Spec.Cron, Spec.TimeZone, Spec.IsPaused) != (spec.Cron, spec.TimeZone, spec.IsPaused))
        {
            (HandledUntil, NextFireAt) = (now, spec.IsPaused ? null : next);
        }

        (Name, Spec, Secrets, UpdatedAt) = (name, spec, secrets, now);
        (ProblemCode, ProblemMessage) = (null, null);
        Version++;
    }

    /// <summary>Stops it, whatever else is wrong with it.</summary>
    public void Pause(DateTimeOffset now) => SetPaused(true, null, now);

    /// <summary>Lets it fire again. Times while it was paused have passed.</summary>
    /// <param name="next">Its next time.</param>
    public void Resume(DateTimeOffset? next, DateTimeOffset now) => SetPaused(false, next, now);

    private void SetPaused(bool isPaused, DateTimeOffset? next, DateTimeOffset now)
    {
        (Spec, HandledUntil, NextFireAt, UpdatedAt) = (Spec with { IsPaused = isPaused }, now, next, now);
        Version++;
    }

    /// <summary>Sets in whose name it requests runs.</summary>
    public void ActFor(string name, Guid? user, Guid? token) => (RunAs, RunAsUserId, RunAsTokenId) = (name, user, token);

    /// <summary>Whether it has handled times that have not come: the clock was set back, and it would wait until they have.</summary>
    public bool IsAhead(DateTimeOffset now) => HandledUntil > now + ClockTolerance;

    /// <summary>Records that its times up to one need no more work.</summary>
    public void Handle(DateTimeOffset until, DateTimeOffset? next) => (HandledUntil, NextFireAt) = (until, next);

    /// <summary>Records that a fire has requested a run.</summary>
    public void Accept(DateTimeOffset fire, Guid run) => (LastFiredAt, LastRunId, ProblemCode, ProblemMessage) = (fire, run, null, null);

    /// <summary>Records why a fire has requested no run. Returns whether that is news.</summary>
    public bool Refuse(string code, string message)
    {
        var isNew = ProblemCode != code;
        (ProblemCode, ProblemMessage) = (code, message);
        return isNew;
    }
}
