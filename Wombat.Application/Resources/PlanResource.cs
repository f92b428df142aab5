using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>
/// What <see cref="CreateResource{TSpec,TAccepted}"/> would do, and what prevents it. Changes nothing and calls no outside system.
/// </summary>
public sealed record PlanResource<TSpec, TDto, TAccepted>(CreateResource<TSpec, TAccepted> Request)
    : IRequest<ResourcePlan<TDto>>,
        IProjectScoped
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto
{
    Guid? IProjectScoped.ProjectId => Request.ProjectId;
}

internal sealed class PlanResourceValidator<TSpec, TDto, TAccepted> : AbstractValidator<PlanResource<TSpec, TDto, TAccepted>>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto
{
    public PlanResourceValidator(IEnumerable<IValidator<CreateResource<TSpec, TAccepted>>> validators)
    {
        foreach (var validator in validators)
        {
            RuleFor(m => m.Request).SetValidator(validator).OverridePropertyName("Details");
        }
    }
}

internal sealed class PlanResourceHandler<TResource, TSpec, TDto, TAccepted>(
    ResourcePlanner<TResource, TSpec, TDto, TAccepted> planner,
    ResourceHooks<TResource, TSpec> hooks,
    IWombatDbContext db,
    ResourceMapper<TDto> mapper,
    IPluginMonitor monitor,
    ProjectAccessService projectAccess
) : IRequestHandler<PlanResource<TSpec, TDto, TAccepted>, ResourcePlan<TDto>>
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public async Task<ResourcePlan<TDto>> Handle(PlanResource<TSpec, TDto, TAccepted> request, CancellationToken cancellationToken)
    {
        var create = request.Request;
        var project =
            await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == create.ProjectId, cancellationToken)
            ?? throw new NotFoundException("project");
        var resolved = await planner.ResolveAsync(create, cancellationToken);
        var plugin = planner.PluginFor(resolved);
        var resource = planner.New(project, plugin, create.Name, resolved);
        var names = await db
            .Context.Set<TResource>()
            .LivingIn(project.Id)
            .AsNoTracking()
            .Select(r => r.Name)
            .ToListAsync(cancellationToken);
        List<PlanObjection> objections = [.. await FindPluginObjectionsAsync(plugin, resolved.Spec, cancellationToken)];
        objections.AddRange(
            (await planner.ExceededAsync(resource, cancellationToken)).Select(d => new PlanObjection(d.Field, d.ToException().Message))
        );
        if (names.Contains(resource.Name, StringComparer.Ordinal))
        {
            objections.Add(new PlanObjection("name", $"is taken by another {resource.Kind} of the project"));
        }

        return new ResourcePlan<TDto>(mapper.Map(resource), objections, names.Count);
    }

    private async Task<IReadOnlyList<PlanObjection>> FindPluginObjectionsAsync(IPlugin plugin, TSpec spec, CancellationToken cancel)
    {
        var objections = await hooks.FindObjectionsAsync(plugin, spec, cancel);
        return monitor.Reports.FirstOrDefault(r => r.Instance.Plugin == plugin) is { Health.Healthy: false } unhealthy
            ? [new PlanObjection("plugin", unhealthy.HealthMessage(projectAccess.HasFullAccess))]
            : objections;
    }
}
