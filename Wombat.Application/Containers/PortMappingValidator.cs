using FluentValidation;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

internal sealed class PortMappingValidator : AbstractValidator<PortMapping>
{
    public PortMappingValidator(PublishedPortRange range)
    {
        RuleFor(p => p.Container)
            .InclusiveBetween(Container.PortMin, Container.PortMax)
            .WithMessage($"must be from {Container.PortMin} to {Container.PortMax}");
        RuleFor(p => p.Host).Must(h => h is not { } port || range.Contains(port)).WithMessage($"must be from {range}, or auto");
    }
}
