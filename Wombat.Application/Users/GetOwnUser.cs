using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Users;

/// <summary>The user of the credential. Service accounts and the bootstrap admin token are no users.</summary>
[RequirePermission(Permission.IdentityRead)]
public sealed record GetOwnUser : IRequest<UserDto>;

internal sealed class GetOwnUserHandler(IWombatDbContext db, IMapper mapper, RequestContext context) : IRequestHandler<GetOwnUser, UserDto>
{
    public async Task<UserDto> Handle(GetOwnUser request, CancellationToken cancellationToken) =>
        mapper.Map<UserDto>(
            await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == context.Caller!.UserId, cancellationToken)
                ?? throw new NotFoundException(
                    "user",
                    detail: "This credential belongs to no user, like the admin token and the tokens of projects. GET /api/v1/session "
                        + "describes it."
                )
        );
}
