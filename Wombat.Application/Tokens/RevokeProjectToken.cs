using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Tokens;

[RequirePermission(Permission.ProjectTokenManage)]
public sealed record RevokeProjectToken(Guid ProjectId, Guid TokenId) : IRequest, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class RevokeProjectTokenHandler(IWombatDbContext db, TokenRevocation revocation) : IRequestHandler<RevokeProjectToken>
{
    public Task<Unit> Handle(RevokeProjectToken request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                await revocation.RevokeAsync(
                    db.AccessTokens.Where(t => t.ProjectId == request.ProjectId && t.UserId == null),
                    request.TokenId,
                    cancel
                );
                await db.SaveChangesAsync(cancel);
                return Unit.Value;
            },
            cancellationToken
        );
}
