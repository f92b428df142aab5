using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Orphans;

/// <summary>The containers that plugins have and that no entry manages, the newest first.</summary>
/// <param name="Plugin">Only those of this plugin instance.</param>
[RequirePermission(Permission.OrphanRead)]
public sealed record ListOrphans(PageRequest Page, string? Plugin) : IRequest<Page<OrphanDto>>;

internal sealed class ListOrphansValidator : AbstractValidator<ListOrphans>
{
    public ListOrphansValidator()
    {
        RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
        RuleFor(m => m.Plugin).PlainText();
    }
}

internal sealed class ListOrphansHandler(IWombatDbContext db) : IRequestHandler<ListOrphans, Page<OrphanDto>>
{
    public async Task<Page<OrphanDto>> Handle(ListOrphans request, CancellationToken cancellationToken)
    {
        var page = await db
            .Orphans.Confirmed()
            .Where(o => request.Plugin == null || o.Plugin == request.Plugin)
            .PageByAgeAsync(request.Page, "-created_at", o => o, o => o.Id, cancellationToken);
        var ids = page.Items.Select(o => o.ResourceId).ToList();
        var projects = await db
            .Resources.AsNoTracking()
            .Where(r => ids.Contains(r.Id))
            .Select(r => new { r.Id, r.ProjectId })
            .ToDictionaryAsync(r => r.Id, r => (Guid?)r.ProjectId, cancellationToken);
        return new Page<OrphanDto>(
            [.. page.Items.Select(o => OrphanDto.Of(o, projects.GetValueOrDefault(o.ResourceId)))],
            page.NextCursor,
            page.Total
        );
    }
}
