using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Projects;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Projects;

/// <summary>Sets the budget of a project. What it owns already stays, also above the limits.</summary>
[RequirePermission(Permission.BudgetManage)]
public sealed record SetBudget(Guid ProjectId, BudgetAmounts Limit) : IRequest<BudgetDto>;

internal sealed class SetBudgetValidator : AbstractValidator<SetBudget>
{
    private const long Max = int.MaxValue / 1024;
    private const int TiersMax = 100;

    public SetBudgetValidator()
    {
        RuleFor(m => m.Limit.Databases).InclusiveBetween(0, Max).OverridePropertyName("databases");
        RuleFor(m => m.Limit.Containers).InclusiveBetween(0, Max).OverridePropertyName("containers");
        RuleFor(m => m.Limit.Cpu).InclusiveBetween(0, Max).OverridePropertyName("cpu");
        RuleFor(m => m.Limit.Memory).InclusiveBetween(0, int.MaxValue).OverridePropertyName("memory");
        RuleFor(m => m.Limit.Storage).InclusiveBetween(0, int.MaxValue).OverridePropertyName("storage");
        RuleFor(m => m.Limit.Connections).InclusiveBetween(0, Max).OverridePropertyName("connections");
        RuleFor(m => m.Limit.Tiers)
            .Must(t => t.Count <= TiersMax && t.All(l => Tier.NameRegex().IsMatch(l.Key) && l.Value is >= 0 and <= Max))
            .WithMessage($"must be at most {TiersMax} numbers from 0 to {Max} by the names of tiers")
            .OverridePropertyName("tiers");
    }
}

internal sealed class SetBudgetHandler(IWombatDbContext db, ProjectBudgets budgets, AuditLog auditLog)
    : IRequestHandler<SetBudget, BudgetDto>
{
    public Task<BudgetDto> Handle(SetBudget request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => SetAsync(request, cancel), cancellationToken);

    private async Task<BudgetDto> SetAsync(SetBudget request, CancellationToken cancel)
    {
        await db.LockProjectAsync(request.ProjectId, exclusive: true, cancel);
        var budget = await db.Budgets.SingleOrDefaultAsync(b => b.ProjectId == request.ProjectId, cancel);
        var used = await budgets.UsedAsync(request.ProjectId, null, cancel);
        var before = BudgetDto.Of(budget, used).Limit;
        if (budget is null)
        {
            budget = new ProjectBudget { ProjectId = request.ProjectId };
            db.Budgets.Add(budget);
        }

        var limit = request.Limit;
        budget.Set(
            (int?)limit.Databases,
            (int?)limit.Containers,
            limit.Cpu is { } cores ? (int)Math.Round(cores * 1000) : null,
            (int?)limit.Memory,
            (int?)limit.Storage,
            (int?)limit.Connections,
            limit.Tiers.ToDictionary(t => t.Key, t => (int)t.Value, StringComparer.Ordinal)
        );
        var after = BudgetDto.Of(budget, used);
        auditLog.Record(EventAction.BudgetSet, "project", request.ProjectId, request.ProjectId, before, after.Limit);
        await db.SaveChangesAsync(cancel);
        return after;
    }
}
