using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Commands;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Databases;
using Wombat.Application.Jobs;
using Wombat.Application.Metrics;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Application.Projects;
using Wombat.Application.Sessions;
using Wombat.Application.Settings;
using Wombat.Application.Tokens;
using Wombat.Application.Users;
using Wombat.Domain.Directories;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Audit;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Backup;
using Wombat.Infrastructure.Commands;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Databases;
using Wombat.Infrastructure.Hosts;
using Wombat.Infrastructure.Identity;
using Wombat.Infrastructure.Identity.Ldap;
using Wombat.Infrastructure.Identity.OpenId;
using Wombat.Infrastructure.Jobs;
using Wombat.Infrastructure.Metrics;
using Wombat.Infrastructure.Notifications;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Plugins;
using Wombat.Infrastructure.Publishing;
using Wombat.Infrastructure.Reconciliation;
using Wombat.Infrastructure.Secrets;

namespace Wombat.Infrastructure;

/// <summary>Registers the adapters. The connection string is final, because an embedded PostgreSQL is already running.</summary>
public static class InfrastructureServices
{
    public static IServiceCollection AddInfrastructure(this IServiceCollection services, WombatSettings settings, string connectionString)
    {
        services
            .AddSingleton(settings)
            .AddSingleton<ISettingsInEffect>(new SettingsInEffect(settings.InEffect))
            .AddSingleton(settings.Jobs)
            .AddSingleton(settings.Quotas)
            .AddSingleton(settings.Publish.Ports)
            .AddSingleton(settings.ContainerSizes);
        AddDatabase(services, connectionString);
        AddBackground(services);
        AddIdentity(services, settings);
        AddAudit(services, settings);
        AddJobs(services, settings);
        AddPlugins(services, settings);
        services.AddSingleton<IDatabaseInspector, DatabaseInspector>();
        services.AddSingleton<MetricsPage>().AddSingleton<IMetricsPage>(p => p.GetRequiredService<MetricsPage>());
        return services;
    }

    private static void AddBackground(IServiceCollection services)
    {
        services.AddSingleton(p => new DatabaseClock(TimeProvider.System, p.GetRequiredService<ILogger<DatabaseClock>>()));
        services.AddSingleton<TimeProvider>(p => p.GetRequiredService<DatabaseClock>()).AddHostedService<ClockSynchronizer>();
        services
            .AddSingleton<PostgresNotificationBus>()
            .AddSingleton<INotificationBus>(p => p.GetRequiredService<PostgresNotificationBus>())
            .AddHostedService(p => p.GetRequiredService<PostgresNotificationBus>());
        services
            .AddSingleton<BackgroundLoop>()
            .AddSingleton<LeaderElection>()
            .AddHostedService<RetentionService>()
            .AddHostedService<JobRetention>()
            .AddHostedService<ResourceLifetime>()
            .AddHostedService<DatabaseScheduler>()
            .AddSingleton<ScheduleFiring>()
            .AddHostedService<CommandScheduler>()
            .AddSingleton<SystemOperations>()
            .AddHostedService<SnapshotScheduler>()
            .AddHostedService<SnapshotExpiry>();
    }

    private static void AddIdentity(IServiceCollection services, WombatSettings settings)
    {
        services.AddSingleton<AccessCache>().AddHostedService<AccessListener>();
        services.AddSingleton<TokenAuthenticator>().AddSingleton<ITokens>(p => p.GetRequiredService<TokenAuthenticator>());
        services.AddSingleton<SessionAuthenticator>().AddSingleton<ISessions>(p => p.GetRequiredService<SessionAuthenticator>());
        services.AddSingleton<ICredentialAuthenticator, CredentialAuthenticator>();
        services.AddSingleton<ISignInAttempts, SignInAttempts>().AddSingleton<IPasswords, Passwords>().AddSingleton<AdminToken>();
        services.AddSingleton<IDirectory, LdapDirectory>().AddSingleton<IReservedProjectNames, MappedProjectNames>();
        if (settings.Roles.HasFlag(Roles.Reconciler))
        {
            services.AddHostedService<DirectorySchedule>();
        }

        AddOpenId(services);
    }

    private static void AddAudit(IServiceCollection services, WombatSettings settings)
    {
        services
            .AddSingleton<FailedRequestCounter>()
            .AddSingleton<IFailedRequestCounter>(p => p.GetRequiredService<FailedRequestCounter>())
            .AddHostedService(p => p.GetRequiredService<FailedRequestCounter>());
        services
            .AddSingleton<AuditKey>()
            .AddSingleton<AuditHeads>()
            .AddSingleton<AuditMaintenance>()
            .AddSingleton<IAuditVerifier, AuditVerifier>();
        if (settings.Roles.HasFlag(Roles.Reconciler))
        {
            services.AddHostedService<EventSequencer>();
        }
    }

    private static void AddJobs(IServiceCollection services, WombatSettings settings)
    {
        services.AddSingleton<JobStore>().AddSingleton<JobRunner>().AddSingleton<JobMetrics>().AddTransient<JobClaimer>();
        services.AddSingleton<JobLogStore>().AddSingleton<IJobLogReader>(p => p.GetRequiredService<JobLogStore>());
        services.AddSingleton<RunSandbox>().AddSingleton<RunFolders>();
        services.AddSingleton<ICommandRunner, CommandRunner>().AddSingleton<IWorkspaceReader, WorkspaceReader>();
        services.AddSingleton<GitRepositories>().AddSingleton<IGitRepositories>(p => p.GetRequiredService<GitRepositories>());
        services.AddSingleton<ISshClient, SshClient>().AddSingleton<ISshKeyPlaces, SshKeyPlaces>();
        services.AddSingleton<ISshConfigFile, SshConfigFile>();
        services.AddSingleton(_ => HostFile.ReadOrCreate(settings.DataDirectory)).AddSingleton<LostHosts>();
        if (settings.Roles.HasFlag(Roles.Worker))
        {
            services.AddHostedService<JobWorker>().AddHostedService<HostPresence>().AddHostedService<HostMonitorService>();
            services.AddHostedService<PortPublisher>().AddHostedService<ContainerSampler>();
        }
    }

    private static void AddPlugins(IServiceCollection services, WombatSettings settings)
    {
        foreach (var plugin in settings.Plugins)
        {
            // A service of its own, so that it is disposed of when Wombat stops.
            services.AddKeyedSingleton<IPlugin>(plugin, (p, _) => plugin.Create(p));
            services.AddSingleton(p => new PluginInstance(
                p.GetRequiredKeyedService<IPlugin>(plugin),
                plugin.Type,
                plugin.ReconcileInterval,
                plugin.IsDefault
            ));
        }

        services.AddSingleton<PluginRegistry>().AddSingleton<IContainerSamples, ContainerSamples>();
        services
            .AddSingleton<PluginMonitor>()
            .AddSingleton<IPluginMonitor>(p => p.GetRequiredService<PluginMonitor>())
            .AddHostedService(p => p.GetRequiredService<PluginMonitor>());
        if ((settings.Roles & (Roles.Reconciler | Roles.Worker)) != Roles.None)
        {
            services.AddTransient<InterruptedResources>();
            services.AddSingleton<ContainerKeyReconciler>().AddSingleton<ResourceObserver>().AddHostedService<Reconciler>();
        }
    }

    private static void AddOpenId(IServiceCollection services)
    {
        services
            .AddSingleton<SecretBox>()
            .AddSingleton<ISecretBox>(p => p.GetRequiredService<SecretBox>())
            .AddSingleton<SecretRotation>()
            .AddSingleton<ProtectionKeys>();
        services.AddDataProtection().SetApplicationName("wombat");
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<ProtectionKeys>(
                (options, keys) =>
                {
                    // ProtectionKeys encrypts whole elements, so the framework does not encrypt their contents.
                    (options.XmlRepository, options.XmlEncryptor) = (keys, new NullXmlEncryptor());
                }
            );
        services
            .AddSingleton<ProviderHttp>()
            .AddSingleton<ProviderDirectory>()
            .AddSingleton<JwtValidator>()
            .AddSingleton<ProviderTokenReader>()
            .AddSingleton<JwtAuthenticator>();
        services.AddSingleton<IOpenIdProvider, OpenIdProvider>().AddHostedService<SessionRefresher>();
    }

    private static void AddDatabase(IServiceCollection services, string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "wombat", NoResetOnClose = true };
        if (builder.MaxAutoPrepare == 0)
        {
            (builder.MaxAutoPrepare, builder.AutoPrepareMinUsages) = (100, 2);
        }

        // Listeners and leaders wait on their connections. Keep-alives detect a lost peer within a minute.
        if (builder is { TcpKeepAlive: false, KeepAlive: 0, Host: { } host } && !host.StartsWith('/'))
        {
            (builder.TcpKeepAlive, builder.TcpKeepAliveTime, builder.TcpKeepAliveInterval) = (true, 10, 5);
        }

        services.AddSingleton(p => ConnectionSettings.CreateDataSource(builder, p.GetRequiredService<ILoggerFactory>()));
        services.AddPooledDbContextFactory<WombatDbContext>(
            (p, o) =>
                o.UseNpgsql(p.GetRequiredService<NpgsqlDataSource>())
                    .AddInterceptors(new BrokenConnectionCommandInterceptor())
                    .EnableThreadSafetyChecks(enableChecks: false)
        );
        services
            .AddSingleton<DatabaseAvailability>()
            .AddSingleton<IDatabaseAvailability>(p => p.GetRequiredService<DatabaseAvailability>());
        services.AddSingleton<Migrator>().AddSingleton<DatabaseBackup>().AddSingleton<DatabaseRestore>();
        services.AddScoped<DbContextUsage>();

        // The context has one registration. With a second one that forwards to it the scope would dispose it twice, and the pool may have
        // given it to another request by then.
        services.AddScoped<IWombatDbContext>(p =>
        {
            p.GetRequiredService<DbContextUsage>().IsUsed = true;
            var context = p.GetRequiredService<IDbContextFactory<WombatDbContext>>().CreateDbContext();
            context.Notifications = p.GetRequiredService<INotificationBus>();
            context.Access = p.GetRequiredService<AccessCache>();
            context.Request = p.GetRequiredService<RequestContext>();
            return context;
        });
    }
}
