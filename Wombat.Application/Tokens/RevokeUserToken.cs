using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Tokens;

[RequirePermission(Permission.AccountManage)]
public sealed record RevokeUserToken(Guid UserId, Guid TokenId) : IRequest, IUserScoped;

[RequirePermission(Permission.ProjectTokenManage)]
public sealed record RevokeProjectToken(Guid ProjectId, Guid TokenId) : IRequest, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class RevokeTokenHandlers(IWombatDbContext db, TokenRevocation revocation)
    : IRequestHandler<RevokeUserToken>,
        IRequestHandler<RevokeProjectToken>
{
    public Task<Unit> Handle(RevokeUserToken request, CancellationToken cancellationToken) =>
        RevokeAsync(db.AccessTokens.Where(t => t.UserId == request.UserId), request.TokenId, cancellationToken);

    public Task<Unit> Handle(RevokeProjectToken request, CancellationToken cancellationToken) =>
        RevokeAsync(db.AccessTokens.Where(t => t.ProjectId == request.ProjectId && t.UserId == null), request.TokenId, cancellationToken);

    private Task<Unit> RevokeAsync(IQueryable<AccessToken> tokens, Guid id, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                if (!await tokens.AnyAsync(t => t.Id == id, cancel) || !(await revocation.RevokeAsync([id], cancel)).Any(t => t.Id == id))
                {
                    throw new NotFoundException("token");
                }

                await db.SaveChangesAsync(cancel);
                return Unit.Value;
            },
            cancellationToken
        );
}
