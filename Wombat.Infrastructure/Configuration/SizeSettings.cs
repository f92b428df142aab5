using System.Globalization;
using Wombat.Application.Containers;
using Wombat.Domain.Containers;

namespace Wombat.Infrastructure.Configuration;

/// <summary>The named sizes of containers: the setting container_sizes.</summary>
internal static class SizeSettings
{
    private const string Name = "container_sizes";
    private static readonly ContainerSizes None = new([]);

    public static ContainerSizes Read(SettingsReader reader)
    {
        var texts = reader.List(Name) ?? ["small=1/512", "medium=2/2048", "large=4/8192"];
        var sizes = texts.Select(Parse).ToList();
        return sizes.IndexOf(null) is >= 0 and var wrong
                ? reader.Report(Name, $"must be a list such as small=1/512,medium=2/2048/20 (cores/MiB/GiB), not '{texts[wrong]}'", None)
            : sizes.DistinctBy(s => s!.Name, StringComparer.Ordinal).Count() < sizes.Count ? reader.Report(Name, "has a name twice", None)
            : new ContainerSizes(sizes!);
    }

    private static NamedSize? Parse(string text) =>
        text.Split('=') is [var name, var values]
        && name.Length <= Container.NameMax
        && Container.NameRegex().IsMatch(name)
        && values.Split('/') is [var cores, var mib, .. var more]
        && more.Length <= 1
        && Number(cores, Container.CpuMin, Container.CpuMax) is { } cpu
        && Number(mib, Container.MemoryMinMiB, Container.MemoryMaxMiB) is { } memory
        && (more is [] || Number(more[0], Container.DiskMinGiB, Container.DiskMaxGiB) is not null)
            ? new NamedSize(name, cpu, memory, more is [] ? null : Number(more[0], Container.DiskMinGiB, Container.DiskMaxGiB))
            : null;

    private static int? Number(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : null;
}
