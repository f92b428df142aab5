using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;
using Wombat.Domain.Access;

namespace Wombat.Application.Projects;

/// <summary>The budget of a project, with what is used and what is left.</summary>
[RequirePermission(Permission.BudgetRead)]
public sealed record GetBudget(Guid ProjectId) : IRequest<BudgetDto>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class GetBudgetHandler(IWombatDbContext db, ProjectBudgets budgets) : IRequestHandler<GetBudget, BudgetDto>
{
    public async Task<BudgetDto> Handle(GetBudget request, CancellationToken cancellationToken)
    {
        await db.EnsureProjectAsync(request.ProjectId, cancellationToken);
        var limit = await db.Budgets.AsNoTracking().SingleOrDefaultAsync(b => b.ProjectId == request.ProjectId, cancellationToken);
        return BudgetDto.Of(limit, await budgets.UsedAsync(request.ProjectId, null, cancellationToken));
    }
}
