using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Tiers;

/// <summary>The databases that do not have the present version of their tier, the newest first.</summary>
[RequirePermission(Permission.TierManage)]
public sealed record ListTierDatabases(string Name, PageRequest Page) : IRequest<Page<TierDatabaseDto>>;

internal sealed class ListTierDatabasesValidator : AbstractValidator<ListTierDatabases>
{
    public ListTierDatabasesValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListTierDatabasesHandler(IWombatDbContext db) : IRequestHandler<ListTierDatabases, Page<TierDatabaseDto>>
{
    public async Task<Page<TierDatabaseDto>> Handle(ListTierDatabases request, CancellationToken cancellationToken)
    {
        var tier = await db.FindTierAsync(request.Name, cancellationToken);
        return await db
            .Databases.Outdated(tier)
            .PageByAgeAsync(request.Page, "-created_at", d => TierDatabaseDto.Of(d, tier), d => d.Id, cancellationToken);
    }
}
