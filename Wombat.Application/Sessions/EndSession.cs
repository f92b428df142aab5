using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;

namespace Wombat.Application.Sessions;

/// <summary>Ends a session immediately on all replicas.</summary>
[RequirePermission(Permission.AccountManage)]
public sealed record EndSession(Guid UserId, Guid SessionId) : IRequest, IUserScoped;

internal sealed class EndSessionHandler(IWombatDbContext db, UserCredentials credentials) : IRequestHandler<EndSession>
{
    public async Task<Unit> Handle(EndSession request, CancellationToken cancellationToken)
    {
        await credentials.EndSessionAsync(request.UserId, request.SessionId, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
