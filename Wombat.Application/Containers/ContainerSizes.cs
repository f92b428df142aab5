using Wombat.Domain.Common;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>The named sizes of containers, from the setting container_sizes.</summary>
/// <param name="All">In the order of the setting.</param>
public sealed record ContainerSizes(IReadOnlyList<NamedSize> All)
{
    /// <summary>
    /// Fills in the values of the size that the spec names. A value of the request itself wins; the spec then has no named size any more.
    /// </summary>
    /// <exception cref="InvalidInputException">There is no such size.</exception>
    public ContainerSpec Apply(ContainerSpec spec)
    {
        if (spec.Size is null)
        {
            return spec;
        }

        var size = Get(spec.Size);
        return spec with
        {
            Cpu = spec.Cpu ?? size.Cpu,
            Memory = spec.Memory ?? size.Memory,
            Disk = spec.Disk ?? size.Disk,
            Size = spec is { Cpu: null, Memory: null, Disk: null } ? size.Name : null,
        };
    }

    /// <summary>Like <see cref="Apply(ContainerSpec)"/>, but a disk that is larger than that of the size stays as it is.</summary>
    /// <exception cref="InvalidInputException">There is no such size.</exception>
    public ResizeContainer Apply(ResizeContainer resize, ContainerSpec present)
    {
        if (resize.Size is null)
        {
            return resize;
        }

        var size = Get(resize.Size);
        var isLarger = present.Disk > size.Disk;
        return resize with
        {
            Cpu = resize.Cpu ?? size.Cpu,
            Memory = resize.Memory ?? size.Memory,
            Disk = resize.Disk ?? (isLarger ? null : size.Disk),
            Size = null,
            SizeName = resize is { Cpu: null, Memory: null, Disk: null } && !isLarger ? size.Name : null,
        };
    }

    private NamedSize Get(string name) =>
        All.FirstOrDefault(s => s.Name == name)
        ?? throw new InvalidInputException(
            "size",
            All.Count == 0
                ? "must be absent: this server has no named sizes"
                : $"must be one of {string.Join(", ", All.Select(s => s.Name))}"
        );
}
