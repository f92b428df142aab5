using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Api.Tests.Resources;

/// <summary>A resource kind of the tests, written as docs/how-to/add-a-resource-kind.md describes.</summary>
public sealed class Probe : ResourceWithSpec<ProbeSpec>
{
    public const string KindName = "probe";

    private Probe() { }

    public static Probe Create(Project project, string plugin, string name, ProbeSpec spec, DateTimeOffset now)
    {
        project.EnsureAcceptsResources();
        var probe = new Probe { Spec = spec };
        probe.Initialize(KindName, project.Id, plugin, name, $"{project.UnixName}-{name}", now);
        return probe;
    }
}
