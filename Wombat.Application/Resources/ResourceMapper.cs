using AutoMapper;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Maps the resources of a kind to the API's form, with what the caller may do now.</summary>
internal sealed class ResourceMapper<TDto>(
    ResourceKind kind,
    IMapper mapper,
    RequestContext context,
    ProjectAccessService projectAccess,
    AllowedActions actions,
    PluginRegistry plugins
)
    where TDto : ResourceDto
{
    public ResourceKind Kind => kind;

    /// <summary>Without actions, for events and plans.</summary>
    public TDto Map(Resource resource) => mapper.Map<TDto>(resource);

    /// <summary>For a response about the project for which the caller was authorized.</summary>
    public TDto MapWithActions(Resource resource) => Apply(Map(resource), context.ProjectAccess ?? ProjectAccess.Full);

    public async Task<List<TDto>> MapWithActionsAsync<TResource>(IReadOnlyList<TResource> resources, CancellationToken cancel)
        where TResource : Resource
    {
        var known = await projectAccess.GetManyAsync(resources.Select(r => r.ProjectId), cancel);
        return [.. resources.Select(r => Apply(Map(r), known[r.ProjectId]))];
    }

    public TAccepted Accept<TAccepted>(Resource resource, Job job)
        where TAccepted : TDto, IAcceptedResource
    {
        var accepted = mapper.Map<TAccepted>(resource);
        accepted.JobId = job.Id;
        Apply(accepted, context.ProjectAccess ?? ProjectAccess.Full);
        return accepted;
    }

    private TDto Apply(TDto resource, ProjectAccess access)
    {
        resource.Actions = actions.Of(kind.ActionsWith(plugins.Find(resource.Plugin)), resource, access);
        return resource;
    }
}
