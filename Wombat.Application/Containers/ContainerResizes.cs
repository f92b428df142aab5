using System.Globalization;
using Wombat.Application.Plugins;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>What a resize of a container would do.</summary>
internal sealed class ContainerResizes(
    ResourceKindDefinition<Container, ContainerSpec, ContainerDto, AcceptedContainer> kind,
    IPluginMonitor monitor,
    QuotaLimits limits
)
{
    /// <exception cref="BudgetExceededException">One container must not be that large.</exception>
    public async Task<ResourceChangePlan> PlanAsync(Container container, ContainerSize size, CancellationToken cancel)
    {
        var before = container.Spec;
        var after = (before with { Resize = size }).AfterResize();
        var exceeded = kind
            .Quotas.Where(q => !q.IsPerProject)
            .Select(q => new QuotaDemand(q.Name, q.Field, limits.Of(q), 0, q.Demand(after) ?? 0))
            .FirstOrDefault(d => d.IsExceeded);
        if (exceeded is not null)
        {
            throw exceeded.ToException();
        }

        // Only the sizes that the request names: others may be older than the bounds.
        var requested = new ContainerSpec(before.Template, size.Cpu, size.Memory, size.Disk);
        var template = (await monitor.TemplatesAsync(container.Plugin, cancel))?.FirstOrDefault(t => t.Name == before.Template);
        IEnumerable<PlanObjection> bounds = template is null ? [] : SizeObjections.Find(requested, template);
        return new ResourceChangePlan
        {
            Changes =
            [
                .. Change("size", before.Size, after.Size),
                .. Change("cpu", Text(before.Cpu), Text(after.Cpu)),
                .. Change("memory", Text(before.Memory), Text(after.Memory)),
                .. Change("disk", Text(before.Disk), Text(after.Disk)),
            ],
            Objections =
                after.Disk < before.Disk
                    ? [new PlanObjection("disk", $"must be at least {before.Disk}: a disk cannot shrink"), .. bounds]
                    : [.. bounds],
            DemandAfter = ContainerKind.DemandOf(after),
        };
    }

    private static PlannedChange[] Change(string field, string? before, string? after) =>
        before == after ? [] : [new PlannedChange(field, before, after)];

    private static string? Text(int? value) => value?.ToString(CultureInfo.InvariantCulture);
}
