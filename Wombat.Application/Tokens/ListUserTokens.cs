using FluentValidation;
using MediatR;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Users;

namespace Wombat.Application.Tokens;

[RequirePermission(Permission.AccountRead)]
public sealed record ListUserTokens(Guid UserId, PageRequest Page) : IRequest<Page<TokenDto>>, IUserScoped;

[RequirePermission(Permission.ProjectTokenManage)]
public sealed record ListProjectTokens(Guid ProjectId, PageRequest Page) : IRequest<Page<TokenDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class ListUserTokensValidator : AbstractValidator<ListUserTokens>
{
    public ListUserTokensValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListProjectTokensValidator : AbstractValidator<ListProjectTokens>
{
    public ListProjectTokensValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListTokensHandlers(IWombatDbContext db)
    : IRequestHandler<ListUserTokens, Page<TokenDto>>,
        IRequestHandler<ListProjectTokens, Page<TokenDto>>
{
    public async Task<Page<TokenDto>> Handle(ListUserTokens request, CancellationToken cancellationToken)
    {
        await db.EnsureUserAsync(request.UserId, cancellationToken);
        return await ShowAsync(db.AccessTokens.Where(t => t.UserId == request.UserId), request.Page, cancellationToken);
    }

    public async Task<Page<TokenDto>> Handle(ListProjectTokens request, CancellationToken cancellationToken)
    {
        await db.EnsureProjectAsync(request.ProjectId, cancellationToken);
        return await ShowAsync(
            db.AccessTokens.Where(t => t.ProjectId == request.ProjectId && t.UserId == null),
            request.Page,
            cancellationToken
        );
    }

    private static Task<Page<TokenDto>> ShowAsync(IQueryable<AccessToken> tokens, PageRequest page, CancellationToken cancel) =>
        tokens.Where(t => t.RevokedAt == null).PageByAgeAsync(page, CreatedAtPaging.Sort, t => TokenDto.From(t), t => t.Id, cancel);
}
