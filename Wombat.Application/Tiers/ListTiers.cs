using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Tiers;

/// <summary>All tiers, by name.</summary>
[RequirePermission(Permission.TierRead)]
public sealed record ListTiers : IRequest<Page<TierDto>>;

internal sealed class ListTiersHandler(IWombatDbContext db, IMapper mapper) : IRequestHandler<ListTiers, Page<TierDto>>
{
    public async Task<Page<TierDto>> Handle(ListTiers request, CancellationToken cancellationToken) =>
        new(mapper.Map<List<TierDto>>(await db.Tiers.AsNoTracking().OrderBy(t => t.Name).ToListAsync(cancellationToken)), NextCursor: null);
}
