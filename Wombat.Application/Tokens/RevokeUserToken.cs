using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Tokens;

[Requires(Permission.AccountManage)]
public sealed record RevokeUserToken(Guid UserId, Guid TokenId) : IRequest, IOfUser;

[Requires(Permission.ProjectTokenManage)]
public sealed record RevokeProjectToken(Guid ProjectId, Guid TokenId) : IRequest, IInProject
{
    Guid? IInProject.InProject => ProjectId;
}

internal sealed class RevokeTokenHandlers(IWombatDbContext db, Journal journal, TimeProvider clock) : IRequestHandler<RevokeUserToken>, IRequestHandler<RevokeProjectToken>
{
    public Task<Unit> Handle(RevokeUserToken request, CancellationToken cancellationToken) =>
        RevokeAsync(db.AccessTokens.Where(t => t.UserId == request.UserId), request.TokenId, "user", request.UserId, null, cancellationToken);

    public Task<Unit> Handle(RevokeProjectToken request, CancellationToken cancellationToken) =>
        RevokeAsync(db.AccessTokens.Where(t => t.ProjectId == request.ProjectId && t.UserId == null), request.TokenId, "project", request.ProjectId, request.ProjectId, cancellationToken);

    private async Task<Unit> RevokeAsync(IQueryable<AccessToken> tokens, Guid id, string targetType, Guid targetId, Guid? project, CancellationToken cancel)
    {
        var token = await tokens.SingleOrDefaultAsync(t => t.Id == id && t.RevokedAt == null, cancel) ?? throw new NotFoundException("token");
        token.Revoke(clock.GetUtcNow());
        journal.Record("token.revoked", targetType, targetId, project, before: TokenDto.From(token));
        await db.SaveChangesAsync(cancel);
        return Unit.Value;
    }
}
