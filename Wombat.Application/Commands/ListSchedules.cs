using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Schedules of commands, newest first.</summary>
/// <param name="ProjectId">Only those of this project; null for all that the caller can see.</param>
/// <param name="CommandId">Only those of this command.</param>
[RequirePermission(Permission.CommandRead)]
public sealed record ListSchedules(PageRequest Page, Guid? ProjectId, Guid? CommandId) : IRequest<Page<ScheduleDto>>, IProjectScoped;

internal sealed class ListSchedulesValidator : AbstractValidator<ListSchedules>
{
    public ListSchedulesValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListSchedulesHandler(
    IWombatDbContext db,
    ProjectAccessService projectAccess,
    ScheduleActions actions,
    TimeProvider clock
) : IRequestHandler<ListSchedules, Page<ScheduleDto>>
{
    public async Task<Page<ScheduleDto>> Handle(ListSchedules request, CancellationToken cancellationToken)
    {
        var schedules = projectAccess.Accessible(db.Schedules, request.ProjectId, Permission.CommandRead);
        schedules = request.CommandId is { } command ? schedules.Where(s => s.CommandId == command) : schedules;
        var now = clock.GetUtcNow();
        var page = await schedules.PageByAgeAsync<Schedule, ScheduleDto>(
            request.Page,
            "-" + CreatedAtPaging.Sort,
            s => ScheduleDto.Of(s, now),
            s => s.Id,
            cancellationToken
        );
        await actions.ApplyAsync(page.Items, cancellationToken);
        return page;
    }
}
