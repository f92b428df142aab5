using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;

namespace Wombat.Application.Commands;

/// <summary>Replaces what a schedule does. It acts for the caller from now on, unless only its pause is changed.</summary>
/// <param name="IfMatch">The versions that the caller expects; null for any.</param>
[RequirePermission(Permission.CommandManage)]
public sealed record UpdateSchedule(Guid Id, ScheduleFields Fields, ExpectedVersions? IfMatch) : IRequest<ScheduleDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Schedule;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class UpdateScheduleValidator : AbstractValidator<UpdateSchedule>
{
    public UpdateScheduleValidator() => RuleFor(m => m.Fields).SetValidator(new ScheduleFieldsValidator());
}

internal sealed class UpdateScheduleHandler(IWombatDbContext db, ScheduleWriting writing, TimeProvider clock)
    : IRequestHandler<UpdateSchedule, ScheduleDto>
{
    public Task<ScheduleDto> Handle(UpdateSchedule request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => SaveAsync(request, cancel), cancellationToken);

    private async Task<ScheduleDto> SaveAsync(UpdateSchedule request, CancellationToken cancel)
    {
        var (schedule, command) = await writing.LockAsync(request.Id, cancel);
        request.IfMatch?.Ensure(schedule.Version);
        var before = ScheduleDto.Of(schedule, clock.GetUtcNow());
        await writing.SaveAsync(schedule, command, request.Fields, cancel);
        return await writing.CompleteAsync(EventAction.ScheduleUpdated, schedule, before, cancel);
    }
}
