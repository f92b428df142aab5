using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>When a schedule fires, and with what; a field that is absent gets its default.</summary>
internal class SaveScheduleBody
{
    /// <summary>Unique among the schedules of its command.</summary>
    /// <example>nightly</example>
    [Required]
    [StringLength(Schedule.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>
    /// Five fields: minute, hour, day of the month, month, day of the week. A day that both day fields name has to match both.
    /// </summary>
    /// <example>0 3 * * 1-5</example>
    [Required]
    [StringLength(ScheduleSpec.CronMax, MinimumLength = 1)]
    public string? Cron { get; init; }

    /// <summary>The name of a time zone in the IANA database, in which the cron expression is read.</summary>
    /// <example>Europe/Berlin</example>
    [DefaultValue(ScheduleSpec.TimeZoneDefault)]
    [StringLength(ScheduleSpec.TimeZoneMax)]
    public string? TimeZone { get; init; }

    /// <summary>What happens to fires for which no Wombat ran in time.</summary>
    public MissedFires? Missed { get; init; }

    /// <summary>
    /// Values by the names of the parameters, as text; absent ones get their defaults when the schedule fires. A secret that is absent
    /// keeps the value that the schedule has.
    /// </summary>
    public Dictionary<string, string?>? Parameters { get; init; }

    /// <summary>For a command of kind ssh with several hosts: on which of them it runs, in this order.</summary>
    [MaxLength(CommandSpec.HostsMax)]
    public Guid[]? HostIds { get; init; }

    /// <summary>Whether it runs on all hosts that the command has when it fires, instead of <c>host_ids</c>.</summary>
    [DefaultValue(false)]
    public bool? AllHosts { get; init; }

    /// <summary>Whether it does not fire. Times that pass meanwhile are not made up for.</summary>
    [DefaultValue(false)]
    public bool? IsPaused { get; init; }

    internal ScheduleFields ToFields()
    {
        var usual = new ScheduleSpec();
        return new ScheduleFields(
            Name ?? "",
            new ScheduleSpec
            {
                Cron = Cron ?? "",
                TimeZone = TimeZone ?? usual.TimeZone,
                Missed = Missed ?? usual.Missed,
                Parameters = Parameters ?? usual.Parameters,
                HostIds = HostIds ?? usual.HostIds,
                AllHosts = AllHosts ?? usual.AllHosts,
                IsPaused = IsPaused ?? usual.IsPaused,
            }
        );
    }
}
