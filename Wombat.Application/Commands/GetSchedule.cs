using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

[RequirePermission(Permission.CommandRead)]
public sealed record GetSchedule(Guid Id) : IRequest<ScheduleDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Schedule;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class GetScheduleHandler(IWombatDbContext db, ScheduleActions actions, TimeProvider clock)
    : IRequestHandler<GetSchedule, ScheduleDto>
{
    public async Task<ScheduleDto> Handle(GetSchedule request, CancellationToken cancellationToken) =>
        actions.Apply(ScheduleDto.Of(await db.FindScheduleAsync(request.Id, cancellationToken), clock.GetUtcNow()));
}
