using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>When a schedule would fire.</summary>
internal sealed class PlanScheduleBody
{
    /// <summary>As in a schedule.</summary>
    /// <example>0 3 * * 1-5</example>
    [Required]
    [StringLength(ScheduleSpec.CronMax, MinimumLength = 1)]
    public string? Cron { get; init; }

    /// <summary>As in a schedule.</summary>
    /// <example>Europe/Berlin</example>
    [DefaultValue(ScheduleSpec.TimeZoneDefault)]
    [StringLength(ScheduleSpec.TimeZoneMax)]
    public string? TimeZone { get; init; }

    internal PlanSchedule ToRequest() => new(Cron ?? "", TimeZone ?? ScheduleSpec.TimeZoneDefault);
}
