using FluentValidation;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>Rules of published ports that several messages share.</summary>
internal static class PortRules
{
    public static void Publishable<T>(this IRuleBuilderInitial<T, IReadOnlyList<PortMapping>?> rule) =>
        rule.Must(p => p is null || p.Count <= Container.PortsMax)
            .WithMessage($"must be at most {Container.PortsMax}")
            .Must(p => p is null || p.Select(m => m.Container).Distinct().Count() == p.Count)
            .WithMessage("must have a port of the container only once")
            .Must(p => p is null || p.Where(m => m.Host is not null).GroupBy(m => m.Host).All(g => g.Count() == 1))
            .WithMessage("must have a port of the host only once");
}
