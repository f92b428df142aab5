using System.Collections.Concurrent;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Api.Tests.Resources;

/// <summary>Keeps its probes in memory, and fails on demand.</summary>
public sealed class ProbePlugin(string name, int port) : IProvisioner<ProbeSpec>, ICalibratesProbes
{
    private readonly ConcurrentDictionary<string, (ObservedState State, int Calibrations)> probes = new(StringComparer.Ordinal);
    private int statusCalls;

    public string Name => name;

    /// <summary>If set, every call except the health check fails with this.</summary>
    public ExternalSystemException? Failure { get; set; }

    public int StatusCalls => statusCalls;

    public IReadOnlyCollection<string> Keys => [.. probes.Keys];

    public Task InitializeAsync(CancellationToken cancel) => Task.CompletedTask;

    public Task<PluginHealth> HealthAsync(CancellationToken cancel) => Task.FromResult(new PluginHealth(Healthy: true, $"port {port}"));

    public async Task<ResourceObservation> ProvisionAsync(ProvisionRequest<ProbeSpec> request, IPluginLog log, CancellationToken cancel)
    {
        ThrowOnDemand();
        await log.WriteAsync($"level {request.Spec.Level}", cancel);
        await log.ReportExternalIdAsync(request.Resource.ExternalKey);
        probes.TryAdd(request.Resource.ExternalKey, (ObservedState.Running, 0));
        return Observe(request.Resource);
    }

    public Task<ResourceObservation> StatusAsync(ResourceRef resource, CancellationToken cancel)
    {
        Interlocked.Increment(ref statusCalls);
        ThrowOnDemand();
        return Task.FromResult(Observe(resource));
    }

    public Task DeprovisionAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel)
    {
        ThrowOnDemand();
        probes.TryRemove(resource.ExternalKey, out _);
        return Task.CompletedTask;
    }

    public Task<ResourceObservation> CalibrateAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel)
    {
        ThrowOnDemand();
        probes.AddOrUpdate(resource.ExternalKey, _ => throw new InvalidOperationException(), (_, p) => (p.State, p.Calibrations + 1));
        return Task.FromResult(Observe(resource));
    }

    /// <summary>Changes the state of all probes without Wombat.</summary>
    public void SetAll(ObservedState state)
    {
        foreach (var key in probes.Keys)
        {
            probes[key] = (state, probes[key].Calibrations);
        }
    }

    private ResourceObservation Observe(ResourceRef resource) =>
        probes.TryGetValue(resource.ExternalKey, out var probe)
            ? new ResourceObservation(probe.State, resource.ExternalKey)
            {
                Endpoints = [new ResourceEndpoint("probe", "127.0.0.1", port)],
                Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["calibrations"] = $"{probe.Calibrations}" },
            }
            : ResourceObservation.Missing;

    private void ThrowOnDemand()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
