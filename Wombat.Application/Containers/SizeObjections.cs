using Wombat.Application.Plugins;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>Compares the size of a container with what its template needs and its machine has.</summary>
internal static class SizeObjections
{
    public static IEnumerable<PlanObjection> Find(ContainerSpec spec, PluginTemplate template)
    {
        if (spec.Cpu > template.MaxCpu)
        {
            yield return new PlanObjection("cpu", $"must be at most {template.MaxCpu}: the machine has no more cores");
        }

        if (spec.Memory > template.MaxMemory)
        {
            yield return new PlanObjection("memory", $"must be at most {template.MaxMemory} (MiB): the machine has no more");
        }
        else if (spec.Memory > template.FreeMemory)
        {
            yield return new PlanObjection("memory", $"only {template.FreeMemory} MiB of the machine are free now", Prevents: false);
        }

        if (spec.Memory < template.MinMemory)
        {
            yield return new PlanObjection("memory", $"must be at least {template.MinMemory} (MiB) for the template {template.Name}");
        }

        if (spec.Disk < template.MinDisk)
        {
            yield return new PlanObjection("disk", $"must be at least {template.MinDisk} (GiB) for the template {template.Name}");
        }
        else if (spec.Disk > template.FreeDisk)
        {
            yield return new PlanObjection("disk", $"only {template.FreeDisk} GiB of the machine are free now", Prevents: false);
        }
    }
}
