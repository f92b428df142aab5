using FluentValidation;
using Wombat.Application.Resources;
using Wombat.Domain.Resources;

namespace Wombat.Api.Tests.Resources;

internal sealed class CreateProbeValidator : AbstractValidator<CreateResource<ProbeSpec, AcceptedProbe>>
{
    public CreateProbeValidator()
    {
        RuleFor(m => m.Name).NotEmpty().WithMessage("is required").MaximumLength(Resource.NameMax).WithMessage("is too long");
        RuleFor(m => m.Spec.Level).InclusiveBetween(1, 10).WithMessage("must be from 1 to 10");
    }
}
