using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Metrics;

/// <summary>Prometheus text of this process and of the jobs.</summary>
[RequirePermission(Permission.MetricsRead)]
public sealed record ReadMetrics : IRequest<string>;

internal sealed class ReadMetricsHandler(IMetricsPage page) : IRequestHandler<ReadMetrics, string>
{
    public Task<string> Handle(ReadMetrics request, CancellationToken cancellationToken) => page.RenderAsync(cancellationToken);
}
