using FluentValidation;
using Wombat.Application.Resources;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Databases;

internal sealed class ResizeDatabaseValidator : AbstractValidator<OperateResourceWith<ResizeDatabase, AcceptedDatabase>>
{
    public ResizeDatabaseValidator() =>
        RuleFor(m => m.Arguments.Tier)
            .NotEmpty()
            .WithMessage("is required")
            .Must(t => Tier.NameRegex().IsMatch(t!))
            .WithMessage("must be the name of a tier");
}
