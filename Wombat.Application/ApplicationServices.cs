using System.Reflection;
using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Pipeline;
using Wombat.Application.Resources;

namespace Wombat.Application;

/// <summary>Registers the use cases by scanning this assembly.</summary>
public static class ApplicationServices
{
    private static readonly Assembly Here = typeof(ApplicationServices).Assembly;

    public static IServiceCollection AddApplication(this IServiceCollection services)
    {
        services.AddSingleton(DeclaredPermissions.Of(Here));
        services.AddSingleton<IMapper>(_ => new Mapper(MapperConfiguration()));
        services.AddScoped<ServiceFactory>(p => p.GetRequiredService);
        services.AddScoped<IMediator, Mediator>();
        services.AddScoped<RequestContext>();
        services.AddScoped<Journal>();
        services.AddScoped<JobHandlers>();
        services.AddScoped<ResourceDeletion>();
        services.AddScoped<ContainerPlanner>();
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(RequestLogBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(GuardBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(IdempotencyBehavior<,>));
        AddImplementations(services, typeof(IRequestHandler<,>), ServiceLifetime.Scoped);
        AddImplementations(services, typeof(IValidator<>), ServiceLifetime.Singleton);
        foreach (var handler in Here.GetTypes().Where(t => !t.IsAbstract && typeof(IJobHandler).IsAssignableFrom(t)))
        {
            services.AddKeyedScoped(typeof(IJobHandler), handler.GetCustomAttribute<JobKindAttribute>()!.Kind, handler);
        }

        return services;
    }

    public static MapperConfiguration MapperConfiguration() => new(c =>
    {
        foreach (var profile in Here.GetTypes().Where(t => typeof(Profile).IsAssignableFrom(t)))
        {
            c.AddProfile(profile);
        }
    });

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
