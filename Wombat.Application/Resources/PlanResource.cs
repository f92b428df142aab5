using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>
/// What <see cref="CreateResource{TSpec,TAccepted}"/> would do, and what prevents it. Changes nothing and calls no outside system.
/// </summary>
public sealed record PlanResource<TSpec, TDto, TAccepted>(CreateResource<TSpec, TAccepted> Request)
    : IRequest<ResourcePlan<TDto>>,
        IProjectScoped
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto
{
    Guid? IProjectScoped.ProjectId => Request.ProjectId;
}

internal sealed class PlanResourceValidator<TSpec, TDto, TAccepted> : AbstractValidator<PlanResource<TSpec, TDto, TAccepted>>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto
{
    public PlanResourceValidator(IEnumerable<IValidator<CreateResource<TSpec, TAccepted>>> validators)
    {
        foreach (var validator in validators)
        {
            RuleFor(m => m.Request).SetValidator(validator).OverridePropertyName("Details");
        }
    }
}

internal sealed class PlanResourceHandler<TResource, TSpec, TDto, TAccepted>(CreatePlans<TResource, TSpec, TDto, TAccepted> plans)
    : IRequestHandler<PlanResource<TSpec, TDto, TAccepted>, ResourcePlan<TDto>>
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public Task<ResourcePlan<TDto>> Handle(PlanResource<TSpec, TDto, TAccepted> request, CancellationToken cancellationToken) =>
        plans.PlanAsync(request.Request, [], cancellationToken);
}
