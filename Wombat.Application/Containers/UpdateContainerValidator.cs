using Cronos;
using FluentValidation;
using Wombat.Application.Resources;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

internal sealed class UpdateContainerValidator : AbstractValidator<UpdateResource<ContainerDto>>
{
    private const int Fields = 5;

    public UpdateContainerValidator()
    {
        RuleFor(m => ((ContainerChanges)m.Changes).SnapshotSchedule.Value!.Cron)
            .Must(c => c is { Length: <= SnapshotSchedule.CronMax } && c.Split(' ').Length == Fields && CronExpression.TryParse(c, out _))
            .WithMessage("must be a cron expression of five fields, such as 0 3 * * *")
            .When(HasSchedule)
            .OverridePropertyName("snapshot_schedule.cron");
        RuleFor(m => ((ContainerChanges)m.Changes).SnapshotSchedule.Value!.KeepDays)
            .InclusiveBetween(SnapshotSchedule.KeepDaysMin, SnapshotSchedule.KeepDaysMax)
            .WithMessage($"must be from {SnapshotSchedule.KeepDaysMin} to {SnapshotSchedule.KeepDaysMax}")
            .When(HasSchedule)
            .OverridePropertyName("snapshot_schedule.keep_days");
    }

    private static bool HasSchedule(UpdateResource<ContainerDto> message) =>
        ((ContainerChanges)message.Changes).SnapshotSchedule.Value is not null;
}
