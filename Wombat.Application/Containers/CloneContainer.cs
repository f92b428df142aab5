using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>Creates a container of the same project from a snapshot of another.</summary>
/// <param name="Spec">What was requested of the new container; null sizes are those of the other one.</param>
[RequirePermission(Permission.ContainerCreate)]
public sealed record CloneContainer(Guid ProjectId, Guid Id, string Snapshot, string? Name, ContainerSpec Spec, DateTimeOffset? ExpiresAt)
    : IRequest<AcceptedContainer>,
        IIdempotentCommand,
        IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class CloneContainerValidator : AbstractValidator<CloneContainer>
{
    public CloneContainerValidator(TimeProvider clock, PublishedPortRange range)
    {
        RuleFor(m => m.Snapshot).SnapshotName();
        RuleFor(m => m.Name).ContainerName();
        RuleFor(m => m.ExpiresAt).InTheFuture(clock);
        RuleFor(m => m.Spec).SetValidator(new ContainerSpecValidator(range));
    }
}

internal sealed class CloneContainerHandler(
    IWombatDbContext db,
    PluginRegistry plugins,
    ResourceCreation<Container, ContainerSpec, ContainerDto, AcceptedContainer> creation
) : IRequestHandler<CloneContainer, AcceptedContainer>
{
    public async Task<AcceptedContainer> Handle(CloneContainer request, CancellationToken cancellationToken)
    {
        var source =
            await db
                .Containers.AsNoTracking()
                .SingleOrDefaultAsync(c => c.Id == request.Id && c.ProjectId == request.ProjectId, cancellationToken)
            ?? throw new NotFoundException(Container.KindName);
        source.EnsureOperable("clone", ContainerKind.Existing);
        var known = source.Spec.WithoutSecrets();
        var same = request.Spec.Size is null ? known : null;
        var spec = request.Spec with
        {
            Template = known.Template,
            Cpu = request.Spec.Cpu ?? same?.Cpu,
            Memory = request.Spec.Memory ?? same?.Memory,
            Disk = request.Spec.Disk ?? same?.Disk,
            Origin = new ContainerOrigin(source.Id, source.ExternalKey, source.ExternalId!, request.Snapshot),

            // The plugin copies values and script from the other container.
            Environment = known.Environment,
            HasUserData = known.HasUserData,
        };
        if (plugins.Find(source.Plugin) is IProvisioner<ContainerSpec> plugin && plugin.FindUnsupported(spec).Count > 0)
        {
            throw new ConflictException(ErrorCode.NotSupported, $"The plugin {plugin.Name} does not clone snapshots.");
        }

        return await creation.CreateAsync(
            new CreateResource<ContainerSpec, AcceptedContainer>(request.ProjectId, request.Name, spec, source.Plugin, request.ExpiresAt),
            cancellationToken
        );
    }
}
