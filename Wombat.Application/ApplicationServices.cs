using System.Reflection;
using AutoMapper;
using AutoMapper.Internal;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Changes;
using Wombat.Application.Commands;
using Wombat.Application.Directories;
using Wombat.Application.Jobs;
using Wombat.Application.Orphans;
using Wombat.Application.Pipeline;
using Wombat.Application.Projects;
using Wombat.Application.Resources;
using Wombat.Application.Sessions;
using Wombat.Application.Tiers;
using Wombat.Application.Tokens;
using Wombat.Application.Users;

namespace Wombat.Application;

/// <summary>Registers the use cases by scanning this assembly.</summary>
public static class ApplicationServices
{
    public const int MaxMappingDepth = 64;

    private static readonly Assembly Here = typeof(ApplicationServices).Assembly;

    /// <param name="logsRequests">Whether each message is logged with its name and duration.</param>
    /// <param name="extensions">Assemblies that contribute resource kinds, with their validators and mappings.</param>
    public static IServiceCollection AddApplication(
        this IServiceCollection services,
        bool logsRequests = false,
        IReadOnlyList<Assembly>? extensions = null
    )
    {
        Assembly[] assemblies = [Here, .. extensions ?? []];
        // Stop at the first failure of a field: later rules may be slower or rely on earlier ones.
        ValidatorOptions.Global.DefaultRuleLevelCascadeMode = CascadeMode.Stop;
        AddResourceKinds(services, ResourceKinds.In(assemblies));
        services.AddSingleton<IMapper>(_ => new Mapper(MapperConfiguration(assemblies)));
        services.AddTransient<ServiceFactory>(p => p.GetRequiredService);
        services.AddTransient<IMediator, Mediator>();
        services.AddScoped<RequestContext>();
        services.AddTransient<AuditLog>().AddTransient<EventPages>();
        services.AddSingleton<ChangeMapper>().AddTransient<ChangeReader>();
        services.AddScoped<JobHandlers>();
        services.AddScoped<ProjectAccessService>();
        services
            .AddTransient<Projects.ProjectDeletion>()
            .AddTransient<TokenRevocation>()
            .AddTransient<TokenIssuer>()
            .AddTransient<UserCredentials>()
            .AddTransient<RemainingAdmins>()
            .AddTransient<Members.MemberAccess>();
        services.AddSingleton<FirstAdmin>();
        services.AddTransient<SessionOpener>().AddTransient<GroupRoleSynchronizer>().AddTransient<ExternalUserProvisioner>();
        services
            .AddScoped<AllowedActions>()
            .AddScoped<ProjectActions>()
            .AddScoped<JobActions>()
            .AddScoped<JobAccessService>()
            .AddTransient<JobCancellation>()
            .AddScoped<ResourceAccessService>();
        services.AddSingleton<ProjectReads>().AddSingleton<HostMonitor>().AddSingleton<LogSearchLimit>();
        services
            .AddScoped<CommandActions>()
            .AddScoped<RunActions>()
            .AddScoped<RunQueries>()
            .AddScoped<ScheduleActions>()
            .AddScoped<CommandAccessService>();
        services
            .AddTransient<CommandWriting>()
            .AddTransient<CommandImportPlanner>()
            .AddTransient<RunRequests>()
            .AddTransient<GitWorkspaces>()
            .AddTransient<RunCancellation>();
        services.AddTransient<RunApprovals>().AddTransient<SshRuns>().AddTransient<GroupRuns>();
        services
            .AddTransient<SshHosts>()
            .AddTransient<ParameterReferences>()
            .AddTransient<JumpHosts>()
            .AddTransient<HostImports>()
            .AddTransient<HostOrigins>();
        services.AddTransient<ScheduleWriting>().AddTransient<ActingCallers>().AddTransient<IScheduleFires, ScheduleFires>();
        if (logsRequests)
        {
            services.AddTransient(typeof(IPipelineBehavior<,>), typeof(RequestLogBehavior<,>));
        }

        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(AuthorizationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(IdempotencyBehavior<,>));
        AddImplementations(services, [Here], typeof(IRequestHandler<,>), ServiceLifetime.Transient);
        AddImplementations(services, assemblies, typeof(IValidator<>), ServiceLifetime.Singleton);
        services.AddSingleton<JobKinds>().AddScoped<JobScheduler>();
        services.AddJobHandler<DeleteProjectJob>(DeleteProjectJob.Kind);
        services.AddJobHandler<RollOutTierJob>(RollOutTierJob.Kind);
        services.AddJobHandler<RemoveOrphanJob>(RemoveOrphanJob.Kind);
        services.AddJobHandler<RunCommandJob>(RunCommandJob.Kind);
        services.AddJobHandler<DirectorySyncJob>(DirectorySyncJob.Kind).AddJobHandler<DirectoryAddJob>(DirectoryAddJob.Kind);
        return services;
    }

    /// <summary>Registers a kind of job with its handler.</summary>
    public static IServiceCollection AddJobHandler<THandler>(this IServiceCollection services, JobKind kind)
        where THandler : class, IJobHandler => services.AddSingleton(kind).AddKeyedScoped<IJobHandler, THandler>(kind.Name);

    private static void AddResourceKinds(IServiceCollection services, ResourceKinds kinds)
    {
        services.AddSingleton(kinds).AddSingleton(DeclaredPermissions.Of(Here, kinds));
        services
            .AddTransient<HostPlacement>()
            .AddTransient<ProjectBudgets>()
            .AddTransient<ResourceEvents>()
            .AddScoped<ResourceDeletion>()
            .AddScoped<ResourceJobServices>();
        foreach (var kind in kinds.All)
        {
            kind.Register(services);
        }
    }

    /// <summary>The mappings of all DTOs in these assemblies; those of this one when none are given.</summary>
    public static MapperConfiguration MapperConfiguration(params IReadOnlyList<Assembly> assemblies) =>
        new(c =>
        {
            foreach (
                var profile in (assemblies.Count == 0 ? [Here] : assemblies)
                    .SelectMany(a => a.GetTypes())
                    .Where(t => typeof(Profile).IsAssignableFrom(t))
            )
            {
                c.AddProfile(profile);
            }

            LimitDepth(c);
        });

    /// <summary>Without a limit, a deep self-referencing graph overflows the stack and ends the process (GHSA-rvv3-g6hj-g44x).</summary>
    public static void LimitDepth(IMapperConfigurationExpression maps) =>
        maps.Internal().ForAllMaps((map, _) => map.MaxDepth = MaxMappingDepth);

    private static void AddImplementations(IServiceCollection services, Assembly[] assemblies, Type open, ServiceLifetime lifetime)
    {
        foreach (
            var type in assemblies.SelectMany(a => a.GetTypes()).Where(t => t is { IsAbstract: false, IsGenericTypeDefinition: false })
        )
        {
            foreach (var closed in type.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == open))
            {
                services.Add(new ServiceDescriptor(closed, type, lifetime));
            }
        }
    }
}
