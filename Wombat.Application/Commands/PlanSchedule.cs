using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Says when a schedule would fire, without creating one.</summary>
[RequirePermission(Permission.CommandRead)]
public sealed record PlanSchedule(string Cron, string TimeZone) : IRequest<SchedulePlanDto>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => null;
}

internal sealed class PlanScheduleHandler(TimeProvider clock) : IRequestHandler<PlanSchedule, SchedulePlanDto>
{
    /// <exception cref="InvalidInputException">The expression or the time zone is not valid.</exception>
    public Task<SchedulePlanDto> Handle(PlanSchedule request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var times = ScheduleTimes.Parse(request.Cron, request.TimeZone, now);
        return Task.FromResult(new SchedulePlanDto([.. times.AllAfter(now).Take(ScheduleDto.NextFiresCount)]));
    }
}
