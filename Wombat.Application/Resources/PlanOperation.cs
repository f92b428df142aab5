using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>
/// What <see cref="OperateResourceWith{TArguments,TAccepted}"/> would do, and what prevents it. Asks the plugin, and changes nothing.
/// </summary>
public sealed record PlanOperation<TArguments, TDto, TAccepted>(OperateResourceWith<TArguments, TAccepted> Request)
    : IRequest<ResourcePlan<TDto>>,
        IProjectScoped,
        IResourceScoped
    where TArguments : class
    where TDto : ResourceDto
    where TAccepted : TDto
{
    Guid? IProjectScoped.ProjectId => Request.ProjectId;

    Guid IResourceScoped.ResourceId => Request.Id;
}

internal sealed class PlanOperationValidator<TArguments, TDto, TAccepted> : AbstractValidator<PlanOperation<TArguments, TDto, TAccepted>>
    where TArguments : class
    where TDto : ResourceDto
    where TAccepted : TDto
{
    public PlanOperationValidator(IEnumerable<IValidator<OperateResourceWith<TArguments, TAccepted>>> validators)
    {
        foreach (var validator in validators)
        {
            RuleFor(m => m.Request).SetValidator(validator).OverridePropertyName("Details");
        }
    }
}

internal sealed class PlanOperationHandler<TArguments, TResource, TSpec, TDto, TAccepted>(ChangePlans<TResource, TSpec, TDto> plans)
    : IRequestHandler<PlanOperation<TArguments, TDto, TAccepted>, ResourcePlan<TDto>>
    where TArguments : class
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public Task<ResourcePlan<TDto>> Handle(PlanOperation<TArguments, TDto, TAccepted> request, CancellationToken cancellationToken)
    {
        var (project, id, operation, arguments) = request.Request;
        return plans.PlanOperationAsync(project, id, operation, arguments, cancellationToken);
    }
}
