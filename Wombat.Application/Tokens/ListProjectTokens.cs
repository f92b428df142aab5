using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Tokens;

[RequirePermission(Permission.ProjectTokenManage)]
public sealed record ListProjectTokens(Guid ProjectId, PageRequest Page) : IRequest<Page<TokenDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class ListProjectTokensValidator : AbstractValidator<ListProjectTokens>
{
    public ListProjectTokensValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListProjectTokensHandler(IWombatDbContext db) : IRequestHandler<ListProjectTokens, Page<TokenDto>>
{
    public async Task<Page<TokenDto>> Handle(ListProjectTokens request, CancellationToken cancellationToken)
    {
        await db.EnsureProjectAsync(request.ProjectId, cancellationToken);
        return await db
            .AccessTokens.Where(t => t.ProjectId == request.ProjectId && t.UserId == null)
            .ToPageAsync(request.Page, cancellationToken);
    }
}
