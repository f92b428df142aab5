using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Metrics;

/// <summary>Metrics of this process and of the jobs in the Prometheus text format.</summary>
[RequirePermission(Permission.MetricsRead)]
public sealed record ReadMetrics : IRequest<string>;

internal sealed class ReadMetricsHandler(IMetricsPage page) : IRequestHandler<ReadMetrics, string>
{
    public Task<string> Handle(ReadMetrics request, CancellationToken cancellationToken) => page.RenderAsync(cancellationToken);
}
