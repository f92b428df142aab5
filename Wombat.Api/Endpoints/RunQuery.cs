using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Application.Commands;
using Wombat.Domain.Jobs;

namespace Wombat.Api.Endpoints;

/// <summary>The filters of lists of runs.</summary>
internal readonly record struct RunQuery(
    [FromQuery(Name = "project_id")] Guid? ProjectId,
    [FromQuery(Name = "command_id")] Guid? CommandId,
    [FromQuery(Name = "status")] string[]? Status,
    [FromQuery(Name = "requested_by")] string? RequestedBy,
    [FromQuery(Name = "from")] DateTimeOffset? From,
    [FromQuery(Name = "to")] DateTimeOffset? To,
    [FromQuery(Name = "exit_code")] int? ExitCode,
    [FromQuery(Name = "host")] string? Host,
    [FromQuery(Name = "awaits_approval")] bool? AwaitsApproval,
    [FromQuery(Name = "parent_id")] Guid? ParentId,
    [FromQuery(Name = "schedule_id")] Guid? ScheduleId
)
{
    internal RunFilter ToFilter() =>
        new(
            ProjectId,
            CommandId,
            EnumQuery.ParseList<JobState>("status", Status),
            RequestedBy,
            From,
            To,
            ExitCode,
            Host,
            AwaitsApproval ?? false,
            ParentId,
            ScheduleId
        );
}
