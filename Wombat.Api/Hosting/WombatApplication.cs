using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.HttpOverrides;
using Wombat.Api.Endpoints;
using Wombat.Api.Errors;
using Wombat.Api.Http;
using Wombat.Api.Live;
using Wombat.Api.Middleware;
using Wombat.Api.OpenApi;
using Wombat.Api.Page;
using Wombat.Application;
using Wombat.Application.Common;
using Wombat.Infrastructure;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Metrics;

namespace Wombat.Api.Hosting;

/// <summary>Builds the web application. Does not access the database.</summary>
public static class WombatApplication
{
    // Response headers that pages of other origins may read.
    private static readonly string[] ExposedHeaders = ["Location", "ETag", "Retry-After", RequestTrace.Header, "WWW-Authenticate"];

    /// <param name="alter">Changes the services before the application is built; used by benchmarks.</param>
    public static WebApplication Build(WombatSettings settings, string connectionString, Action<IServiceCollection>? alter = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        ConfigureLogging(builder.Logging, settings);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(
                settings.Address,
                settings.Port,
                listen => listen.Use(new ConnectionLimit(settings.Edges.Limits.ConnectionsPerAddress, settings.Edges.TrustedProxies).Wrap)
            );
            kestrel.Limits.MaxRequestBodySize = RequestBodyLimits.MaxDrainedBytes;
            kestrel.AddServerHeader = false;
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = settings.Jobs.Drain + TimeSpan.FromSeconds(20));
        builder.Services.Configure<JsonOptions>(o => WombatJson.Configure(o.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        builder.Services.AddSingleton<ProblemDetailsExceptionHandler>().AddSingleton<FailedRequestAuditor>();
        builder.Services.AddSingleton<Microsoft.AspNetCore.Diagnostics.IExceptionHandler>(p =>
            p.GetRequiredService<ProblemDetailsExceptionHandler>()
        );
        builder
            .Services.AddScoped<LiveResponse>()
            .AddScoped<LogStreams>()
            .AddSingleton<JobLogFeed>()
            .AddScoped<ConsoleStreams>()
            .AddSingleton<ConsoleSlots>()
            .AddScoped<JobWait>()
            .AddScoped<EventStream>()
            .AddScoped<EventExport>()
            .AddScoped<ChangeStream>()
            .AddSingleton<StartupTasks>()
            .AddSingleton<IHostLifetime, NullHostLifetime>();
        builder.Services.AddSingleton<EventFeed>().AddHostedService(p => p.GetRequiredService<EventFeed>());
        builder.Services.AddSingleton<ChangeFeed>().AddHostedService(p => p.GetRequiredService<ChangeFeed>());
        builder
            .Services.AddApplication(logsRequests: settings.Log.Level == LogLevel.Debug, settings.Extensions)
            .AddInfrastructure(settings, connectionString);
        builder.Services.AddSingleton<System.Diagnostics.DistributedContextPropagator, OwnTraces>();
        builder.Services.AddSingleton<CallerAuthenticator>().AddSingleton<RateLimit>().AddCors();
        builder.Services.AddSingleton(
            new ApiOptions(settings.PublicUrl, settings.Sessions.AnonymousRead, settings.AccessLog, settings.Edges.Limits)
        );
        builder.Services.AddSingleton(new ConsoleLimits(settings.Consoles.Idle, settings.Consoles.PerUser, settings.Consoles.Total));
        builder.Services.AddSingleton<AccessMetrics>();
        builder.Services.AddSingleton(_ => PageFiles.Read(Path.Combine(AppContext.BaseDirectory, "page")));
        builder.Services.AddWombatOpenApi();
        if (builder.Configuration[TracingServices.EndpointVariable] is { Length: > 0 })
        {
            builder.Services.AddTracing();
        }

        alter?.Invoke(builder.Services);
        var app = builder.Build();

        // Created here, so that it measures from the first request.
        app.Services.GetRequiredService<MetricsPage>();
        Map(app, settings);
        return app;
    }

    private static void Map(WebApplication app, WombatSettings settings)
    {
        app.UseMiddleware<RequestTrace>();
        app.UseMiddleware<RequestLog>();
        app.UseMiddleware<HeadRequests>();
        app.UseExceptionHandler(
            new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true, ExceptionHandler = context => Task.CompletedTask }
        );
        app.UseStatusCodePages(context =>
            app.Services.GetRequiredService<ProblemDetailsExceptionHandler>()
                .WriteAsync(context.HttpContext, ProblemTable.OfStatus(context.HttpContext))
        );
        if (settings.Edges.TrustedProxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions
            {
                ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in settings.Edges.TrustedProxies)
            {
                forwarded.KnownProxies.Add(proxy);
            }

            app.UseForwardedHeaders(forwarded);
        }

        app.UseWhen(context => context.Request.Headers.Upgrade.Count > 0, upgrading => upgrading.UseWebSockets());
        app.UseRouting();
        if (settings.Roles.HasFlag(Roles.Api))
        {
            app.UseMiddleware<PageRouting>();
        }

        if (settings.Edges.CorsOrigins.Count > 0)
        {
            // Without credentials: pages of other origins use a token, not the cookie.
            app.UseCors(policy =>
                policy.WithOrigins([.. settings.Edges.CorsOrigins]).AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(ExposedHeaders)
            );
        }

        // Before all middleware that rejects requests, so that rejected requests are limited too.
        app.UseMiddleware<Authentication>();
        app.UseMiddleware<RequestBodyLimits>();
        app.UseMiddleware<StrictQueryParameters>();
        app.MapHealth();
        app.MapApiPages();
        if (settings.Roles.HasFlag(Roles.Api))
        {
            MapApi(app);
        }

        // Called explicitly, so that the endpoints are known when only the OpenAPI document is generated.
        app.UseEndpoints(_ => { });
    }

    private static void MapApi(WebApplication app)
    {
        app.MapMetrics();
        var api = app.MapGroup("/api/v1").WithEveryEndpointsFailures();
        api.MapProjects();
        api.MapMembers();
        api.MapTokens();
        api.MapSessions();
        api.MapUsers();
        api.MapContainers();
        api.MapDatabases();
        api.MapOrphans();
        api.MapTiers();
        api.MapWorkspaces();
        api.MapHosts();
        api.MapCommands();
        api.MapCommandDocuments();
        api.MapRuns();
        api.MapSchedules();
        api.MapBudgets();
        api.MapJobs();
        api.MapEvents();
        api.MapPlugins();
        api.MapTemplates();
        api.MapSizes();
        api.MapSettings();
        api.MapRoles();
    }

    private static void ConfigureLogging(ILoggingBuilder logging, WombatSettings settings)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(settings.Log.Level);
        logging.AddFilter("Microsoft", settings.Log.Level == LogLevel.Debug ? LogLevel.Information : LogLevel.Warning);

        // Would log full URLs, which contain the authorization code of an OpenID sign-in. Wombat's own request log does not.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        logging.AddFilter("Npgsql", LogLevel.None);
        foreach (var (category, level) in settings.Log.Categories)
        {
            logging.AddFilter(category, level);
        }

        logging.Configure(o => o.ActivityTrackingOptions = ActivityTrackingOptions.TraceId);
        if (Console.IsOutputRedirected)
        {
            logging.AddJsonConsole(o => (o.IncludeScopes, o.UseUtcTimestamp, o.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        }
        else
        {
            logging.AddSimpleConsole(o => (o.SingleLine, o.UseUtcTimestamp, o.TimestampFormat) = (true, true, "HH:mm:ss "));
        }
    }
}
