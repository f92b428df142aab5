using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Tiers;

/// <summary>One tier.</summary>
[RequirePermission(Permission.TierRead)]
public sealed record GetTier(string Name) : IRequest<TierDto>;

internal sealed class GetTierHandler(IWombatDbContext db, IMapper mapper) : IRequestHandler<GetTier, TierDto>
{
    public async Task<TierDto> Handle(GetTier request, CancellationToken cancellationToken) =>
        mapper.Map<TierDto>(await db.FindTierAsync(request.Name, cancellationToken));
}
