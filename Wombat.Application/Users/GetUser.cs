using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

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

internal static class UserPrivacy
{
    /// <summary>Leaves out what is between the user and the admins.</summary>
    public static UserDto For(this UserDto user, Caller caller)
    {
        user.Email = caller.IsAdmin || caller.UserId == user.Id ? user.Email : null;
        return user;
    }
}
