namespace Wombat.Application.Metrics;

/// <summary>Renders the metrics.</summary>
public interface IMetricsPage
{
    Task<string> RenderAsync(CancellationToken cancel);
}
