using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Tokens;

[RequirePermission(Permission.AccountRead)]
public sealed record ListUserTokens(Guid UserId, PageRequest Page) : IRequest<Page<TokenDto>>, IUserScoped;

internal sealed class ListUserTokensValidator : AbstractValidator<ListUserTokens>
{
    public ListUserTokensValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListUserTokensHandler(IWombatDbContext db) : IRequestHandler<ListUserTokens, Page<TokenDto>>
{
    public async Task<Page<TokenDto>> Handle(ListUserTokens request, CancellationToken cancellationToken)
    {
        await db.EnsureUserAsync(request.UserId, cancellationToken);
        return await db.AccessTokens.Where(t => t.UserId == request.UserId).ToPageAsync(request.Page, cancellationToken);
    }
}
