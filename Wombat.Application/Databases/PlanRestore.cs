using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>What <see cref="RestoreDatabase"/> would create, and what prevents it. Changes nothing.</summary>
[RequirePermission(Permission.DatabaseCreate)]
public sealed record PlanRestore(RestoreDatabase Request) : IRequest<ResourcePlan<DatabaseDto>>, IDatabaseScoped
{
    Guid IResourceScoped.ResourceId => Request.Id;
}

internal sealed class PlanRestoreValidator : AbstractValidator<PlanRestore>
{
    public PlanRestoreValidator(IValidator<RestoreDatabase> validator) =>
        RuleFor(m => m.Request).SetValidator(validator).OverridePropertyName("Details");
}

internal sealed class PlanRestoreHandler(
    DatabaseRestores restores,
    CreatePlans<Database, DatabaseSpec, DatabaseDto, AcceptedDatabase> plans
) : IRequestHandler<PlanRestore, ResourcePlan<DatabaseDto>>
{
    public async Task<ResourcePlan<DatabaseDto>> Handle(PlanRestore request, CancellationToken cancellationToken)
    {
        var (create, objection) = await restores.ToCreateAsync(request.Request, cancellationToken);
        return await plans.PlanAsync(create, objection is null ? [] : [objection], cancellationToken);
    }
}
