using MediatR;
using Wombat.Application.Pipeline;
using Wombat.Domain.Users;

namespace Wombat.Application.Metrics;

/// <summary>Prometheus text of this process and of the jobs.</summary>
[RequirePermission(Permission.MetricsRead)]
public sealed record ReadMetrics : IRequest<string>;

/// <summary>Renders what the process has measured.</summary>
public interface IMetricsPage
{
    Task<string> RenderAsync(CancellationToken cancel);
}

internal sealed class ReadMetricsHandler(IMetricsPage page) : IRequestHandler<ReadMetrics, string>
{
    public Task<string> Handle(ReadMetrics request, CancellationToken cancellationToken) => page.RenderAsync(cancellationToken);
}
