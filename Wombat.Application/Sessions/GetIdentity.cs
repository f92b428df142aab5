using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;

namespace Wombat.Application.Sessions;

/// <summary>Describes the caller and the credential.</summary>
[RequirePermission(Permission.IdentityRead)]
public sealed record GetIdentity : IRequest<Identity>;

internal sealed class GetIdentityHandler(IWombatDbContext db, IMapper mapper, RequestContext context)
    : IRequestHandler<GetIdentity, Identity>
{
    public async Task<Identity> Handle(GetIdentity request, CancellationToken cancellationToken)
    {
        var caller = context.Caller!;
        var user = caller.UserId is { } id
            ? mapper.Map<UserDto>(await db.Users.AsNoTracking().SingleAsync(u => u.Id == id, cancellationToken))
            : null;
        return new Identity(caller.Name, caller.AuthenticationType, caller.IsAdmin, caller.Scope, caller.RestrictedToProjectId, user);
    }
}
