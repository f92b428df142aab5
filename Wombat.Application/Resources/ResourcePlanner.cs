using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Quotas;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Makes the decisions that a create and its plan share: plugin instance, entity and quotas.</summary>
internal sealed class ResourcePlanner<TResource, TSpec, TDto, TAccepted>(
    ResourceKindDefinition<TResource, TSpec, TDto, TAccepted> kind,
    ResourceHooks<TResource, TSpec> hooks,
    PluginRegistry plugins,
    QuotaLimits limits,
    ProjectBudgets budgets,
    IWombatDbContext db,
    RequestContext context,
    TimeProvider clock
)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    /// <exception cref="InvalidInputException">The request names something that does not exist.</exception>
    public Task<ResourceRequest<TSpec>> ResolveAsync(CreateResource<TSpec, TAccepted> request, CancellationToken cancel) =>
        hooks.ResolveAsync(new ResourceRequest<TSpec>(request.Spec, request.Plugin, request.ExpiresAt), cancel);

    /// <exception cref="InvalidInputException">The request names an instance that does not provision this kind.</exception>
    public IPlugin PluginFor(ResourceRequest<TSpec> request)
    {
        if (request.Plugin is not { } name)
        {
            return plugins.DefaultFor<TSpec>(kind.Name);
        }

        var able = plugins.All.Where(kind.IsProvidedBy).ToList();
        return able.Find(p => p.Name == name)
            ?? throw new InvalidInputException("plugin", $"must be one of {string.Join(", ", able.Select(p => p.Name))}");
    }

    public TResource New(Project project, IPlugin plugin, string? name, ResourceRequest<TSpec> request)
    {
        var resource = kind.New(project, plugin.Name, name, request.Spec, context.Caller!, clock.GetUtcNow());
        resource.ExpireAt(request.ExpiresAt);
        return resource;
    }

    /// <summary>The quotas and the limits of the project's budget that the resource would exceed.</summary>
    public async Task<IReadOnlyList<QuotaDemand>> ExceededAsync(TResource resource, CancellationToken cancel)
    {
        var bounded = kind.Quotas.Where(q => limits.Of(q) > 0).ToList();
        var living = bounded.Exists(q => q.IsPerProject)
            ? await db.Context.Set<TResource>().LivingIn(resource.ProjectId).AsNoTracking().Select(r => r.Spec).ToListAsync(cancel)
            : [];
        return
        [
            .. bounded
                .Select(q => new QuotaDemand(
                    q.Name,
                    q.Field,
                    limits.Of(q),
                    q.IsPerProject ? living.Sum(s => q.Demand(s) ?? 0L) : 0,
                    q.Demand(resource.Spec) ?? 0
                ))
                .Where(d => d.IsExceeded),
            .. await budgets.ExceededAsync(resource, kind.SizeField, cancel),
        ];
    }
}
