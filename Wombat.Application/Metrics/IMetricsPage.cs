namespace Wombat.Application.Metrics;

/// <summary>Renders what the process has measured.</summary>
public interface IMetricsPage
{
    Task<string> RenderAsync(CancellationToken cancel);
}
