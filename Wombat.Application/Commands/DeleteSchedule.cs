using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;

namespace Wombat.Application.Commands;

/// <summary>Deletes a schedule. The runs that it has requested stay.</summary>
/// <param name="IfMatch">The versions that the caller expects; null for any.</param>
[RequirePermission(Permission.CommandManage)]
public sealed record DeleteSchedule(Guid Id, ExpectedVersions? IfMatch) : IRequest, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Schedule;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class DeleteScheduleHandler(IWombatDbContext db, ScheduleWriting writing, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<DeleteSchedule>
{
    public Task<Unit> Handle(DeleteSchedule request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => DeleteAsync(request, cancel), cancellationToken);

    private async Task<Unit> DeleteAsync(DeleteSchedule request, CancellationToken cancel)
    {
        var (schedule, _) = await writing.LockAsync(request.Id, cancel);
        request.IfMatch?.Ensure(schedule.Version);
        db.Schedules.Remove(schedule);
        var before = ScheduleDto.Of(schedule, clock.GetUtcNow());
        auditLog.Record(EventAction.ScheduleDeleted, "schedule", schedule.Id, schedule.ProjectId, before: before);
        await db.SaveChangesAsync(cancel);
        return Unit.Value;
    }
}
