using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Wombat.Infrastructure.Tracing;

namespace Wombat.Api.Hosting;

/// <summary>Sends spans by OTLP, as the standard variables OTEL_EXPORTER_OTLP_… say.</summary>
internal static class TracingServices
{
    /// <summary>Where to send spans; without this variable there is no tracing.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTracing(this IServiceCollection services)
    {
        // With this propagator the instrumentation reads no header itself: a client does not choose the trace id, see OwnTraces.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        services
            .AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource.AddService("wombat", serviceVersion: typeof(TracingServices).Assembly.GetName().Version?.ToString(3))
            )
            .WithTracing(tracing =>
                tracing
                    .AddSource(WombatTracing.SourceName)
                    .AddAspNetCoreInstrumentation(o =>
                        o.Filter = http => http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
                    )
                    .AddOtlpExporter()
            );
    }
}
