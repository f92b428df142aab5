using FluentValidation;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>The bounds of the sizes of containers.</summary>
internal static class SizeRules
{
    public static IRuleBuilderOptions<T, int?> Cores<T>(this IRuleBuilder<T, int?> rule) =>
        rule.InclusiveBetween(Container.CpuMin, Container.CpuMax).WithMessage($"must be from {Container.CpuMin} to {Container.CpuMax}");

    public static IRuleBuilderOptions<T, int?> MemoryMib<T>(this IRuleBuilder<T, int?> rule) =>
        rule.InclusiveBetween(Container.MemoryMinMiB, Container.MemoryMaxMiB)
            .WithMessage($"must be from {Container.MemoryMinMiB} to {Container.MemoryMaxMiB} (MiB)");

    public static IRuleBuilderOptions<T, int?> DiskGib<T>(this IRuleBuilder<T, int?> rule) =>
        rule.InclusiveBetween(Container.DiskMinGiB, Container.DiskMaxGiB)
            .WithMessage($"must be from {Container.DiskMinGiB} to {Container.DiskMaxGiB} (GiB)");
}
