using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Tokens;

[Requires(Permission.AccountRead)]
public sealed record ListUserTokens(Guid UserId) : IRequest<Page<TokenDto>>, IOfUser;

[Requires(Permission.ProjectTokenManage)]
public sealed record ListProjectTokens(Guid ProjectId) : IRequest<Page<TokenDto>>, IInProject
{
    Guid? IInProject.InProject => ProjectId;
}

internal sealed class ListTokensHandlers(IWombatDbContext db) : IRequestHandler<ListUserTokens, Page<TokenDto>>, IRequestHandler<ListProjectTokens, Page<TokenDto>>
{
    public async Task<Page<TokenDto>> Handle(ListUserTokens request, CancellationToken cancellationToken) =>
        await db.Users.AnyAsync(u => u.Id == request.UserId, cancellationToken)
            ? await ShowAsync(db.AccessTokens.Where(t => t.UserId == request.UserId), cancellationToken)
            : throw new NotFoundException("user");

    public async Task<Page<TokenDto>> Handle(ListProjectTokens request, CancellationToken cancellationToken) =>
        await db.Projects.AnyAsync(p => p.Id == request.ProjectId, cancellationToken)
            ? await ShowAsync(db.AccessTokens.Where(t => t.ProjectId == request.ProjectId && t.UserId == null), cancellationToken)
            : throw new NotFoundException("project");

    private static async Task<Page<TokenDto>> ShowAsync(IQueryable<AccessToken> tokens, CancellationToken cancel)
    {
        var living = await tokens.AsNoTracking().Where(t => t.RevokedAt == null).OrderBy(t => t.Id).ToListAsync(cancel);
        return new Page<TokenDto>([.. living.Select(t => TokenDto.From(t))], NextCursor: null);
    }
}
