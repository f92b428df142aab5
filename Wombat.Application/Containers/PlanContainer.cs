using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Application.Quotas;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>What <see cref="CreateContainer"/> would do, and what stands in its way. Changes nothing.</summary>
[RequirePermission(Permission.ContainerCreate)]
public sealed record PlanContainer(CreateContainer Request) : IRequest<ContainerPlan>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => Request.ProjectId;
}

/// <summary>What creating a container would do.</summary>
/// <param name="Possible">Whether nothing that is known prevents the creation.</param>
/// <param name="WouldCreate">The container that would be created; its id is not kept.</param>
/// <param name="Objections">What prevents the creation.</param>
/// <param name="ContainersInProject">How many containers the project has now.</param>
public sealed record ContainerPlan(
    bool Possible,
    ContainerDto WouldCreate,
    IReadOnlyList<PlanObjection> Objections,
    int ContainersInProject
);

internal sealed class PlanContainerValidator : AbstractValidator<PlanContainer>
{
    public PlanContainerValidator() => RuleFor(m => m.Request).SetValidator(new CreateContainerValidator()).OverridePropertyName("Details");
}

internal sealed class PlanContainerHandler(IWombatDbContext db, IMapper mapper, ContainerPlanner planner, QuotaLimits quotas)
    : IRequestHandler<PlanContainer, ContainerPlan>
{
    public async Task<ContainerPlan> Handle(PlanContainer request, CancellationToken cancellationToken)
    {
        var project =
            await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == request.Request.ProjectId, cancellationToken)
            ?? throw new NotFoundException("project");
        var container = planner.Make(project, request.Request);
        var living = await db
            .Containers.AsNoTracking()
            .Where(c => c.ProjectId == project.Id && c.Status != ResourceStatus.Deleted)
            .Select(c => c.Name)
            .ToListAsync(cancellationToken);
        List<PlanObjection> objections = [.. await planner.ObjectionsAsync(container, cancellationToken)];
        objections.AddRange(quotas.ExceededBy(container.Size, living.Count).Select(q => new PlanObjection(q.Field, q.Exceeded.Message)));
        if (living.Contains(container.Name, StringComparer.Ordinal))
        {
            objections.Add(new PlanObjection("name", "is taken by another container of the project"));
        }

        return new ContainerPlan(objections.Count == 0, mapper.Map<ContainerDto>(container), objections, living.Count);
    }
}
