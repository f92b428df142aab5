using FluentValidation;
using Wombat.Application.Common;
using Wombat.Application.Resources;
using Wombat.Domain.Databases;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Databases;

internal sealed class CreateDatabaseValidator : AbstractValidator<CreateResource<DatabaseSpec, AcceptedDatabase>>
{
    public CreateDatabaseValidator(TimeProvider clock)
    {
        RuleFor(m => m.Name).DatabaseName();
        RuleFor(m => m.Spec.Tier)
            .NotEmpty()
            .WithMessage("is required")
            .Must(t => Tier.NameRegex().IsMatch(t))
            .WithMessage("must be the name of a tier");
        RuleFor(m => m.Spec.Purpose).Purpose();
        RuleFor(m => m.Spec.Owner).ResponsibleOwner();
        RuleFor(m => m.ExpiresAt).InTheFuture(clock);
    }
}
