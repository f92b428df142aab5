using FluentValidation;
using Wombat.Application.Common;
using Wombat.Application.Resources;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

internal sealed class CreateContainerValidator : AbstractValidator<CreateResource<ContainerSpec, AcceptedContainer>>
{
    public CreateContainerValidator(TimeProvider clock, PublishedPortRange range)
    {
        RuleFor(m => m.ExpiresAt).InTheFuture(clock);
        RuleFor(m => m.Spec.Template)
            .NotEmpty()
            .WithMessage("is required")
            .MaximumLength(Container.TemplateMax)
            .WithMessage($"must have at most {Container.TemplateMax} characters")
            .Must(t => string.IsNullOrEmpty(t) || Container.TemplateRegex().IsMatch(t))
            .WithMessage("must be of letters, digits and . _ : / -");
        RuleFor(m => m.Name).ContainerName();
        RuleFor(m => m.Spec).SetValidator(new ContainerSpecValidator(range));
        RuleFor(m => m.Spec.Node)
            .Must(n => n is null || n.Length is >= 1 and <= Container.NodeMax && Container.NodeRegex().IsMatch(n))
            .WithMessage($"must be 1 to {Container.NodeMax} letters, digits and -, beginning and ending with a letter or digit");
    }
}
