using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Orphans;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Application.Orphans;

/// <summary>Manages an orphan again, as a container of a project. Changes nothing outside Wombat.</summary>
/// <param name="Name">The name of the container; null for the name that it had.</param>
[RequirePermission(Permission.OrphanManage)]
public sealed record AdoptOrphan(Guid Id, Guid? ProjectId, string? Name) : IRequest<ContainerDto>, IIdempotentCommand;

internal sealed class AdoptOrphanValidator : AbstractValidator<AdoptOrphan>
{
    public AdoptOrphanValidator()
    {
        RuleFor(m => m.ProjectId).NotNull().WithMessage("is required");
        RuleFor(m => m.Name).ContainerName();
    }
}

internal sealed class AdoptOrphanHandler(
    IWombatDbContext db,
    ResourcePlanner<Container, ContainerSpec, ContainerDto, AcceptedContainer> planner,
    ResourceMapper<ContainerDto> mapper,
    PluginRegistry plugins,
    AuditLog auditLog,
    TimeProvider clock
) : IRequestHandler<AdoptOrphan, ContainerDto>
{
    public Task<ContainerDto> Handle(AdoptOrphan request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => AdoptAsync(request, cancel), cancellationToken);

    private async Task<ContainerDto> AdoptAsync(AdoptOrphan request, CancellationToken cancel)
    {
        // Exclusive: the project's resources are counted under the lock.
        var project = await db.LockProjectAsync(request.ProjectId!.Value, exclusive: true, cancel);
        var orphan = await db.LockIdleOrphanAsync(request.Id, cancel);

        // Fails for a plugin that is not configured: nothing would manage the container.
        _ = plugins.Get(orphan.Plugin);
        EnsureInNetworkOf(project, orphan.Spec);
        var container = await FindOrRecreateAsync(orphan, project, request.Name, cancel);
        container.Adopt(
            request.Name ?? (container.Status == ResourceStatus.Deleted ? container.Name : NameOf(orphan)),
            orphan.Reference,
            orphan.Spec,
            orphan is { HostId: { } id, HostName: { } host } ? new HostIdentity(id, host) : null,
            orphan.Status,
            clock.GetUtcNow()
        );
        if (await planner.ExceededAsync(container, cancel) is [var exceeded, ..])
        {
            throw exceeded.ToException();
        }

        db.Orphans.Remove(orphan);
        auditLog.Record(EventAction.OrphanAdopted, container.Kind, container.Id, project.Id, after: OrphanRecord.Of(orphan));
        await db.SaveChangesAsync(cancel);
        return mapper.MapWithActions(container);
    }

    // It stays in its network, whose containers reach each other.
    private static void EnsureInNetworkOf(Project project, ContainerSpec spec)
    {
        if (spec.Network is { } network && network != project.UnixName)
        {
            throw new InvalidInputException(
                "project_id",
                $"must be the project with the unix_name {network}, in whose network the container is"
            );
        }
    }

    private async Task<Container> FindOrRecreateAsync(Orphan orphan, Project project, string? name, CancellationToken cancel)
    {
        if (await db.Containers.SingleOrDefaultAsync(c => c.Id == orphan.ResourceId, cancel) is not { } container)
        {
            var recreated = Container.Recreate(orphan.ResourceId, project, orphan.Plugin, name ?? NameOf(orphan), clock.GetUtcNow());
            db.Resources.Add(recreated);
            return recreated;
        }

        await db.LockResourceAsync(container, cancel);
        project.EnsureAcceptsResources();
        if (container.Status != ResourceStatus.Deleted)
        {
            throw new NotFoundException("orphan", detail: $"{orphan.Name} is managed as a container of a project.");
        }

        // Its events and jobs belong to that project.
        return container.ProjectId == project.Id
            ? container
            : throw new InvalidInputException("project_id", $"must be {container.ProjectId}, the project that the container belonged to");
    }

    private static string NameOf(Orphan orphan) =>
        (orphan.Spec.Hostname ?? orphan.Name) is { Length: <= Container.NameMax } name && Container.NameRegex().IsMatch(name)
            ? name
            : throw new InvalidInputException("name", $"is required: {orphan.Name} cannot be the name of a container");
}
