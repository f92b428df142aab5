using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Tokens;

[RequirePermission(Permission.AccountManage)]
public sealed record RevokeUserToken(Guid UserId, Guid TokenId) : IRequest, IUserScoped;

internal sealed class RevokeUserTokenHandler(IWombatDbContext db, TokenRevocation revocation) : IRequestHandler<RevokeUserToken>
{
    public Task<Unit> Handle(RevokeUserToken request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                await revocation.RevokeAsync(db.AccessTokens.Where(t => t.UserId == request.UserId), request.TokenId, cancel);
                await db.SaveChangesAsync(cancel);
                return Unit.Value;
            },
            cancellationToken
        );
}
