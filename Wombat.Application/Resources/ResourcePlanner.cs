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
    PluginRegistry plugins,
    QuotaLimits limits,
    IWombatDbContext db,
    RequestContext context,
    TimeProvider clock
)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    /// <exception cref="InvalidInputException">The request names an instance that does not provision this kind.</exception>
    public IPlugin PluginFor(CreateResource<TSpec, TAccepted> request)
    {
        if (request.Plugin is not { } name)
        {
            return plugins.DefaultFor<TSpec>(kind.Name);
        }

        var able = plugins.All.Where(kind.IsProvidedBy).ToList();
        return able.Find(p => p.Name == name)
            ?? throw new InvalidInputException("plugin", $"must be one of {string.Join(", ", able.Select(p => p.Name))}");
    }

    public TResource New(Project project, IPlugin plugin, CreateResource<TSpec, TAccepted> request) =>
        kind.New(project, plugin.Name, request.Name, request.Spec, context.Caller!, clock.GetUtcNow());

    /// <summary>The quotas that the resource would exceed.</summary>
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
        ];
    }
}
