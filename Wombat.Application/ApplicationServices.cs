using System.Reflection;
using AutoMapper;
using AutoMapper.Internal;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Directories;
using Wombat.Application.Jobs;
using Wombat.Application.Pipeline;
using Wombat.Application.Projects;
using Wombat.Application.Resources;
using Wombat.Application.Sessions;
using Wombat.Application.Tokens;
using Wombat.Application.Users;

namespace Wombat.Application;

/// <summary>Registers the use cases by scanning this assembly.</summary>
public static class ApplicationServices
{
    public const int MaxMappingDepth = 64;

    private static readonly Assembly Here = typeof(ApplicationServices).Assembly;

    /// <param name="logsRequests">Whether every message is logged by name and time.</param>
    public static IServiceCollection AddApplication(this IServiceCollection services, bool logsRequests = false)
    {
        // What is wrong in one way is not examined further: later rules may take longer, or expect what earlier ones ensure.
        ValidatorOptions.Global.DefaultRuleLevelCascadeMode = CascadeMode.Stop;
        services.AddSingleton(DeclaredPermissions.Of(Here));
        services.AddSingleton<IMapper>(_ => new Mapper(MapperConfiguration()));
        services.AddTransient<ServiceFactory>(p => p.GetRequiredService);
        services.AddTransient<IMediator, Mediator>();
        services.AddScoped<RequestContext>();
        services.AddTransient<AuditLog>();
        services.AddScoped<JobHandlers>();
        services.AddScoped<ProjectAccessService>();
        services.AddTransient<Containers.ProjectSshKeys>().AddTransient<Resources.HostPlacement>();
        services
            .AddTransient<Projects.ProjectDeletion>()
            .AddTransient<TokenRevocation>()
            .AddTransient<TokenIssuer>()
            .AddTransient<UserCredentials>()
            .AddTransient<RemainingAdmins>()
            .AddTransient<Members.MemberAccess>();
        services.AddTransient<SessionOpener>().AddTransient<GroupRoleSynchronizer>().AddTransient<ExternalUserProvisioner>();
        services
            .AddScoped<AllowedActions>()
            .AddScoped<ProjectActions>()
            .AddScoped<ContainerActions>()
            .AddScoped<JobActions>()
            .AddScoped<JobAccessService>();
        services.AddSingleton<ProjectReads>();
        services.AddScoped<ResourceDeletion>();
        services.AddScoped<ContainerPlanner>();
        if (logsRequests)
        {
            services.AddTransient(typeof(IPipelineBehavior<,>), typeof(RequestLogBehavior<,>));
        }

        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(AuthorizationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(IdempotencyBehavior<,>));
        AddImplementations(services, typeof(IRequestHandler<,>), ServiceLifetime.Transient);
        AddImplementations(services, typeof(IValidator<>), ServiceLifetime.Singleton);
        services.AddSingleton<JobKinds>().AddScoped<JobScheduler>();
        services.AddJobHandler<ProvisionJob>(ResourceJobKinds.Provision).AddJobHandler<DeprovisionJob>(ResourceJobKinds.Deprovision);
        services.AddJobHandler<StartJob>(ResourceJobKinds.Start).AddJobHandler<StopJob>(ResourceJobKinds.Stop);
        services.AddJobHandler<RestartJob>(ResourceJobKinds.Restart).AddJobHandler<SshKeysJob>(ResourceJobKinds.Keys);
        services.AddJobHandler<DeleteProjectJob>(DeleteProjectJob.Kind);
        services.AddJobHandler<DirectorySyncJob>(DirectorySyncJob.Kind).AddJobHandler<DirectoryAddJob>(DirectoryAddJob.Kind);
        return services;
    }

    /// <summary>Registers a kind of job with its handler.</summary>
    public static IServiceCollection AddJobHandler<THandler>(this IServiceCollection services, JobKind kind)
        where THandler : class, IJobHandler => services.AddSingleton(kind).AddKeyedScoped<IJobHandler, THandler>(kind.Name);

    public static MapperConfiguration MapperConfiguration() =>
        new(c =>
        {
            foreach (var profile in Here.GetTypes().Where(t => typeof(Profile).IsAssignableFrom(t)))
            {
                c.AddProfile(profile);
            }

            LimitDepth(c);
        });

    /// <summary>Without a limit, a deep self-referencing graph overflows the stack and ends the process (GHSA-rvv3-g6hj-g44x).</summary>
    public static void LimitDepth(IMapperConfigurationExpression maps) =>
        maps.Internal().ForAllMaps((map, _) => map.MaxDepth = MaxMappingDepth);

    private static void AddImplementations(IServiceCollection services, Type open, ServiceLifetime lifetime)
    {
        foreach (var type in Here.GetTypes().Where(t => t is { IsAbstract: false, IsGenericTypeDefinition: false }))
        {
            foreach (var closed in type.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == open))
            {
                services.Add(new ServiceDescriptor(closed, type, lifetime));
            }
        }
    }
}
