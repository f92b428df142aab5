using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Users;

[RequirePermission(Permission.UserRead)]
public sealed record GetUser(Guid Id) : IRequest<UserDto>;

internal sealed class GetUserHandler(IWombatDbContext db, IMapper mapper, RequestContext context) : IRequestHandler<GetUser, UserDto>
{
    public async Task<UserDto> Handle(GetUser request, CancellationToken cancellationToken) =>
        mapper
            .Map<UserDto>(
                await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == request.Id, cancellationToken)
                    ?? throw new NotFoundException("user")
            )
            .For(context.Caller!);
}
