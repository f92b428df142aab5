using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Quotas;
using Wombat.Domain.Access;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>A resource kind with its types. One instance serves all requests.</summary>
/// <typeparam name="TResource">The entity.</typeparam>
/// <typeparam name="TSpec">What was requested; plugins receive it.</typeparam>
/// <typeparam name="TDto">The API's form of the resource.</typeparam>
/// <typeparam name="TAccepted">The same with the id of the job that a request started.</typeparam>
public abstract class ResourceKindDefinition<TResource, TSpec, TDto, TAccepted> : ResourceKind
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public sealed override IReadOnlyList<QuotaDimension> QuotaDimensions => Quotas;

    /// <inheritdoc cref="QuotaDimensions"/>
    public virtual IReadOnlyList<SpecQuota<TSpec>> Quotas => [];

    public sealed override IEnumerable<KeyValuePair<Type, Permission>> Messages =>
        [
            new(typeof(ListResources<TDto>), Permissions.Read),
            new(typeof(GetResource<TDto>), Permissions.Read),
            new(typeof(CreateResource<TSpec, TAccepted>), Permissions.Create),
            new(typeof(PlanResource<TSpec, TDto, TAccepted>), Permissions.Create),
            new(typeof(PlanDeletion<TDto>), Permissions.Create),
            new(typeof(OperateResource<TAccepted>), Permissions.Operate),
            .. ArgumentTypes.Select(a => KeyValuePair.Create(OperateMessage(a.Type), a.Permission)),
            .. ArgumentTypes.Select(a => KeyValuePair.Create(PlanMessage(a.Type), Permissions.Create)),
            new(typeof(UpdateResource<TDto>), Permissions.Create),
            new(typeof(ListResourceEvents<TDto>), Permission.EventRead),
            new(typeof(DeleteResource<TAccepted>), Permissions.Delete),
            new(typeof(UndeleteResource<TAccepted>), Permissions.Delete),
            new(typeof(ForgetResource<TDto>), Permissions.Forget),
        ];

    private IEnumerable<(Type Type, Permission Permission)> ArgumentTypes =>
        Operations
            .Where(o => o.Arguments is not null)
            .Select(o => (Type: o.Arguments!, Permission: o.Permission ?? Permissions.Operate))
            .Distinct();

    private static Type OperateMessage(Type arguments) => typeof(OperateResourceWith<,>).MakeGenericType(arguments, typeof(TAccepted));

    private static Type PlanMessage(Type arguments) =>
        typeof(PlanOperation<,,>).MakeGenericType(arguments, typeof(TDto), typeof(TAccepted));

    public sealed override bool IsProvidedBy(IPlugin plugin) => plugin is IProvisioner<TSpec>;

    public sealed override object Snapshot(Resource resource) => Snapshot((TResource)resource);

    /// <summary>Creates the entity for a create or a plan.</summary>
    /// <param name="plugin">The name of the plugin instance.</param>
    /// <param name="name">Null when the request leaves the name to the kind.</param>
    public abstract TResource New(Project project, string plugin, string? name, TSpec spec, Caller caller, DateTimeOffset now);

    /// <summary>Applies one of the kind's own list filters.</summary>
    public virtual IQueryable<TResource> Filter(IQueryable<TResource> resources, string field, string value) =>
        throw new ArgumentOutOfRangeException(nameof(field), field, $"The resource kind {Name} has no such filter.");

    /// <summary>The description of a spec for the job log, after "creating NAME", such as " from template busybox".</summary>
    public virtual string Describe(TSpec spec) => "";

    /// <inheritdoc cref="ResourceKind.Snapshot"/>
    protected virtual object Snapshot(TResource resource) =>
        new ResourceSnapshot(resource.Name, resource.Status, resource.StatusReason, resource.ExternalId);

    /// <summary>Registers the services of the kind, such as its <see cref="ResourceHooks{TResource,TSpec}"/>.</summary>
    protected virtual void RegisterServices(IServiceCollection services) { }

    internal sealed override void Register(IServiceCollection services)
    {
        RegisterServices(services);
        services.TryAddScoped<ResourceHooks<TResource, TSpec>>();
        services.AddSingleton(this);
        services.AddScoped(p => ActivatorUtilities.CreateInstance<ResourceMapper<TDto>>(p, this));
        services
            .AddScoped<ResourcePlanner<TResource, TSpec, TDto, TAccepted>>()
            .AddScoped<CreatePlans<TResource, TSpec, TDto, TAccepted>>()
            .AddScoped<ChangePlans<TResource, TSpec, TDto>>()
            .AddScoped<ResourceCreation<TResource, TSpec, TDto, TAccepted>>()
            .AddScoped<OperationPreparation<TResource, TSpec>>()
            .AddScoped<OperationRequests<TResource, TSpec, TDto>>();
        Handle<ListResources<TDto>, Page<TDto>, ListResourcesHandler<TResource, TSpec, TDto, TAccepted>>(services);
        Handle<GetResource<TDto>, TDto, GetResourceHandler<TResource, TDto>>(services);
        Handle<CreateResource<TSpec, TAccepted>, TAccepted, CreateResourceHandler<TResource, TSpec, TDto, TAccepted>>(services);
        Handle<PlanResource<TSpec, TDto, TAccepted>, ResourcePlan<TDto>, PlanResourceHandler<TResource, TSpec, TDto, TAccepted>>(services);
        Handle<OperateResource<TAccepted>, TAccepted, OperateResourceHandler<TResource, TSpec, TDto, TAccepted>>(services);
        foreach (var (arguments, _) in ArgumentTypes)
        {
            HandleArguments(services, arguments);
        }

        Handle<PlanDeletion<TDto>, ResourcePlan<TDto>, PlanDeletionHandler<TResource, TSpec, TDto>>(services);
        Handle<UpdateResource<TDto>, TDto, UpdateResourceHandler<TResource, TDto>>(services);
        Handle<ListResourceEvents<TDto>, Page<EventDto>, ListResourceEventsHandler<TResource, TDto>>(services);
        Handle<DeleteResource<TAccepted>, TAccepted, DeleteResourceHandler<TResource, TDto, TAccepted>>(services);
        Handle<UndeleteResource<TAccepted>, TAccepted, UndeleteResourceHandler<TResource, TDto, TAccepted>>(services);
        Handle<ForgetResource<TDto>, TDto, ForgetResourceHandler<TResource, TDto>>(services);
        services.AddSingleton<IValidator<ListResources<TDto>>, ListResourcesValidator<TDto>>();
        services.AddSingleton<IValidator<PlanResource<TSpec, TDto, TAccepted>>, PlanResourceValidator<TSpec, TDto, TAccepted>>();
        services.AddSingleton<IValidator<UpdateResource<TDto>>, UpdateResourceValidator<TDto>>();
        services.AddSingleton<IValidator<ListResourceEvents<TDto>>, ListResourceEventsValidator<TDto>>();
        services.AddSingleton<IValidator<ForgetResource<TDto>>, ForgetResourceValidator<TDto>>();
        services.AddJobHandler<ProvisionResourceJob<TResource, TSpec, TDto, TAccepted>>(ProvisionJob);
        services.AddJobHandler<DeprovisionResourceJob>(DeprovisionJob);
        if (HasTrash)
        {
            services.AddJobHandler<UndeleteResourceJob>(UndeleteJob).AddJobHandler<PurgeResourceJob>(PurgeJob);
        }

        foreach (var operation in OperationJobs)
        {
            services.AddJobHandler<OperateResourceJob<TResource, TSpec>>(operation);
        }
    }

    private static void Handle<TRequest, TResponse, THandler>(IServiceCollection services)
        where TRequest : IRequest<TResponse>
        where THandler : class, IRequestHandler<TRequest, TResponse> =>
        services.AddTransient<IRequestHandler<TRequest, TResponse>, THandler>();

    private static void HandleArguments(IServiceCollection services, Type arguments)
    {
        Type[] types = [arguments, typeof(TResource), typeof(TSpec), typeof(TDto), typeof(TAccepted)];
        services.AddTransient(
            typeof(IRequestHandler<,>).MakeGenericType(OperateMessage(arguments), typeof(TAccepted)),
            typeof(OperateResourceWithHandler<,,,,>).MakeGenericType(types)
        );
        services.AddTransient(
            typeof(IRequestHandler<,>).MakeGenericType(PlanMessage(arguments), typeof(ResourcePlan<TDto>)),
            typeof(PlanOperationHandler<,,,,>).MakeGenericType(types)
        );
        services.AddSingleton(
            typeof(IValidator<>).MakeGenericType(PlanMessage(arguments)),
            typeof(PlanOperationValidator<,,>).MakeGenericType(arguments, typeof(TDto), typeof(TAccepted))
        );
    }
}
