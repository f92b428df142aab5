using Wombat.Application.Persistence;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Api.Tests.Resources;

/// <summary>The descriptor. A kind of the server has its own permissions; this one uses those of containers.</summary>
public sealed class ProbeKind : ResourceKindDefinition<Probe, ProbeSpec, ProbeDto, AcceptedProbe>
{
    public override string Name => Probe.KindName;

    public override ResourcePermissions Permissions { get; } =
        new(
            Permission.ContainerRead,
            Permission.ContainerCreate,
            Permission.ContainerOperate,
            Permission.ContainerDelete,
            Permission.ContainerForget
        );

    public override IReadOnlyList<ResourceOperation> Operations { get; } =
    [ResourceOperation.Of<ICalibratesProbes>("calibrate", [ResourceStatus.Running], (p, r, log, c) => p.CalibrateAsync(r, log, c))];

    public override IReadOnlyList<SpecQuota<ProbeSpec>> Quotas { get; } =
    [new("probe_levels_per_project", "level", 25, 1000, s => s.Level, IsPerProject: true)];

    public override Probe New(Project project, string plugin, string? name, ProbeSpec spec, Caller caller, DateTimeOffset now) =>
        Probe.Create(project, plugin, name!, spec, now);

    public override IQueryable<Probe> Filter(IQueryable<Probe> resources, string field, string value) =>
        field == "color" ? resources.Where(p => JsonColumn.Text(p.Spec, "color") == value) : base.Filter(resources, field, value);
}
