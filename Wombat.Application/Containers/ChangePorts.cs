using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>Replaces the published ports of a container.</summary>
/// <param name="Ports">
/// All that it has afterwards. One that leaves the port of the host to Wombat keeps the port that it has.
/// </param>
[RequirePermission(Permission.ContainerCreate)]
public sealed record ChangePorts(Guid ProjectId, Guid Id, IReadOnlyList<PortMapping>? Ports, ExpectedVersions? IfMatch)
    : IRequest<ContainerDto>,
        IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class ChangePortsValidator : AbstractValidator<ChangePorts>
{
    public ChangePortsValidator(PublishedPortRange range)
    {
        RuleFor(m => m.Ports).NotNull().WithMessage("is required");
        RuleFor(m => m.Ports).Publishable();
        RuleForEach(m => m.Ports).SetValidator(new PortMappingValidator(range));
    }
}

internal sealed class ChangePortsHandler(
    IWombatDbContext db,
    PortAssignment assignment,
    AuditLog auditLog,
    ResourceMapper<ContainerDto> mapper,
    TimeProvider clock
) : IRequestHandler<ChangePorts, ContainerDto>
{
    public Task<ContainerDto> Handle(ChangePorts request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => ChangeAsync(request, cancel), cancellationToken);

    private async Task<ContainerDto> ChangeAsync(ChangePorts request, CancellationToken cancel)
    {
        // Exclusive: the project's ports are counted under the lock.
        await db.LockProjectAsync(request.ProjectId, exclusive: true, cancel);
        var container = await db.Containers.FindInProjectAsync(mapper.Kind, request.ProjectId, request.Id, cancel);
        await db.LockResourceAsync(container, cancel);
        request.IfMatch?.Ensure(container.Version);
        var before = new PortsRecord(container.Name, container.Spec.Ports);
        await assignment.EnsureWithinQuotaAsync(container, request.Ports!.Count, cancel);
        container.ChangePorts(await assignment.AssignAsync(container, request.Ports, cancel), clock.GetUtcNow());
        auditLog.Record(
            EventAction.ContainerPortsChanged,
            Container.KindName,
            container.Id,
            container.ProjectId,
            before,
            new PortsRecord(container.Name, container.Spec.Ports)
        );
        await db.SaveChangesAsync(cancel);
        return mapper.MapWithActions(container);
    }
}
