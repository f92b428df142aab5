using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Requests runs of a command at the times of a cron expression.</summary>
public sealed class ScheduleDto : IHasActions, IVersioned
{
    /// <summary>How many of the next fires an answer has.</summary>
    internal const int NextFiresCount = 5;

    public Guid Id { get; init; }

    public Guid CommandId { get; init; }

    /// <summary>The project of the command; null for a command of the platform.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>Unique among the schedules of its command.</summary>
    /// <example>nightly</example>
    public string Name { get; init; } = "";

    /// <summary>When it fires: minute, hour, day of the month, month, day of the week.</summary>
    /// <example>0 3 * * 1-5</example>
    public string Cron { get; init; } = "";

    /// <summary>The time zone of the cron expression.</summary>
    /// <example>Europe/Berlin</example>
    public string TimeZone { get; init; } = "";

    /// <summary>What happens to fires for which no Wombat ran in time.</summary>
    public MissedFires Missed { get; init; }

    /// <summary>The given values by the names of the parameters; null for a secret.</summary>
    public IReadOnlyDictionary<string, string?> Parameters { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The hosts of SSH, for a command with several.</summary>
    public IReadOnlyList<Guid> HostIds { get; init; } = [];

    /// <summary>Whether it runs on all hosts that the command has when it fires.</summary>
    public bool AllHosts { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>
    /// The version of the command for which it was saved. It requests no runs of a later one until somebody saves it again; 0 for any.
    /// </summary>
    public int CommandVersion { get; init; }

    /// <summary>The next five fires in UTC; empty while it is paused.</summary>
    public IReadOnlyList<DateTimeOffset> NextFires { get; init; } = [];

    /// <summary>The time of the last fire that requested a run.</summary>
    public DateTimeOffset? LastFiredAt { get; init; }

    /// <summary>The run of that fire.</summary>
    public Guid? LastRunId { get; init; }

    /// <summary>Why the last fire requested no run; null if it did, or if it has not fired since it was saved.</summary>
    public ScheduleProblemDto? Problem { get; init; }

    /// <summary>Who created it.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>Who saved it last. Its runs are requested in this one's name, with the access that this one has then.</summary>
    public string RunAs { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the changes by people.</summary>
    public int Version { get; init; }

    /// <summary>What the caller may do with it.</summary>
    [Required]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Actions { get; set; }

    internal static ScheduleDto Of(Schedule schedule, DateTimeOffset now) =>
        new()
        {
            Id = schedule.Id,
            CommandId = schedule.CommandId,
            ProjectId = schedule.ProjectId,
            Name = schedule.Name,
            Cron = schedule.Spec.Cron,
            TimeZone = schedule.Spec.TimeZone,
            Missed = schedule.Spec.Missed,
            Parameters = schedule.Spec.Parameters,
            HostIds = schedule.Spec.HostIds,
            AllHosts = schedule.Spec.AllHosts,
            IsPaused = schedule.Spec.IsPaused,
            CommandVersion = schedule.Spec.CommandVersion,
            NextFires = schedule.Spec.IsPaused ? [] : NextOf(schedule, now),
            LastFiredAt = schedule.LastFiredAt,
            LastRunId = schedule.LastRunId,
            Problem = schedule is { ProblemCode: { } code, ProblemMessage: { } message } ? new ScheduleProblemDto(code, message) : null,
            CreatedBy = schedule.CreatedBy,
            RunAs = schedule.RunAs,
            CreatedAt = schedule.CreatedAt,
            UpdatedAt = schedule.UpdatedAt,
            Version = schedule.Version,
        };

    // A time zone may be gone with an update of the machine.
    private static DateTimeOffset[] NextOf(Schedule schedule, DateTimeOffset now)
    {
        try
        {
            return [.. ScheduleTimes.Of(schedule.Spec, now).AllAfter(now).Take(NextFiresCount)];
        }
        catch (InvalidInputException)
        {
            return [];
        }
    }
}
