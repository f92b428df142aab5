using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Creates a schedule of a command.</summary>
[RequirePermission(Permission.CommandManage)]
public sealed record CreateSchedule(Guid CommandId, ScheduleFields Fields) : IRequest<ScheduleDto>, IIdempotentCommand, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Command;

    Guid ICommandScoped.ItemId => CommandId;
}

internal sealed class CreateScheduleValidator : AbstractValidator<CreateSchedule>
{
    public CreateScheduleValidator() => RuleFor(m => m.Fields).SetValidator(new ScheduleFieldsValidator());
}

internal sealed class CreateScheduleHandler(
    IWombatDbContext db,
    RunRequests requests,
    ScheduleWriting writing,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<CreateSchedule, ScheduleDto>
{
    public Task<ScheduleDto> Handle(CreateSchedule request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => SaveAsync(request, cancel), cancellationToken);

    private async Task<ScheduleDto> SaveAsync(CreateSchedule request, CancellationToken cancel)
    {
        var command = await db.LockCommandAsync(request.CommandId, cancel) ?? throw new NotFoundException("command");
        await requests.EnsureAcceptsRunsAsync(command.ProjectId, cancel);
        await writing.EnsureRoomAsync(command.Id, cancel);
        var schedule = Schedule.Create(command, request.Fields.Name, context.Caller!.Name, clock.GetUtcNow());
        await writing.SaveAsync(schedule, command, request.Fields, cancel);
        db.Schedules.Add(schedule);
        return await writing.CompleteAsync(EventAction.ScheduleCreated, schedule, null, cancel);
    }
}
