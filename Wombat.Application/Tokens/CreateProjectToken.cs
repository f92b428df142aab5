using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Tokens;

namespace Wombat.Application.Tokens;

/// <summary>Creates a token of a project: a service account that does not depend on any user.</summary>
[RequirePermission(Permission.ProjectTokenManage)]
public sealed record CreateProjectToken(Guid ProjectId, NewToken Details) : IRequest<TokenDto>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class CreateProjectTokenValidator : AbstractValidator<CreateProjectToken>
{
    public CreateProjectTokenValidator(TimeProvider clock) => RuleFor(m => m.Details).SetValidator(new NewTokenValidator(clock));
}

internal sealed class CreateProjectTokenHandler(IWombatDbContext db, TokenIssuer issuer) : IRequestHandler<CreateProjectToken, TokenDto>
{
    public Task<TokenDto> Handle(CreateProjectToken request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => CreateAsync(request, cancel), cancellationToken);

    // The tokens are counted under the lock.
    private async Task<TokenDto> CreateAsync(CreateProjectToken request, CancellationToken cancellationToken)
    {
        await db.LockProjectAsync(request.ProjectId, exclusive: true, cancellationToken);
        await TokenIssuer.EnsureBelowLimitAsync(
            db.AccessTokens.Where(t => t.ProjectId == request.ProjectId && t.UserId == null),
            cancellationToken
        );
        return await issuer.IssueAsync(
            AccessToken.OfProject,
            request.Details,
            request.ProjectId,
            "project",
            request.ProjectId,
            request.ProjectId,
            cancellationToken
        );
    }
}
