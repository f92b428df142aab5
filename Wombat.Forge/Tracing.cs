using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Wombat.Forge;

/// <summary>One span for the whole run, sent by OTLP as part of the caller's trace (TRACEPARENT).</summary>
internal sealed class Tracing : IDisposable
{
    private const int SendTimeoutMilliseconds = 1000;
    private static readonly ActivitySource Source = new("Wombat.Forge");

    private readonly TracerProvider provider;
    private readonly Activity? span;

    private Tracing(string command)
    {
        provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(Source.Name)
            .ConfigureResource(resource => resource.AddService("forge"))
            .AddOtlpExporter()
            .Build();
        span = Source.StartActivity($"forge {command}", ActivityKind.Server, Environment.GetEnvironmentVariable("TRACEPARENT"));
    }

    /// <summary>Null unless OTEL_EXPORTER_OTLP_ENDPOINT is set.</summary>
    public static Tracing? Start(string command) => Backends.Setting("OTEL_EXPORTER_OTLP_ENDPOINT") is null ? null : new Tracing(command);

    public void Dispose()
    {
        span?.Dispose();
        provider.Shutdown(SendTimeoutMilliseconds);
        provider.Dispose();
    }
}
