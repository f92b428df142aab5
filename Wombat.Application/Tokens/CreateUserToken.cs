using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Tokens;

namespace Wombat.Application.Tokens;

/// <summary>Creates a token of a user.</summary>
[RequirePermission(Permission.AccountManage)]
public sealed record CreateUserToken(Guid UserId, NewToken Details, Guid? ProjectId) : IRequest<TokenDto>, IUserScoped;

internal sealed class CreateUserTokenValidator : AbstractValidator<CreateUserToken>
{
    public CreateUserTokenValidator(TimeProvider clock) => RuleFor(m => m.Details).SetValidator(new NewTokenValidator(clock));
}

internal sealed class CreateUserTokenHandler(IWombatDbContext db, TokenIssuer issuer, ProjectAccessService projectAccess)
    : IRequestHandler<CreateUserToken, TokenDto>
{
    public Task<TokenDto> Handle(CreateUserToken request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => CreateAsync(request, cancel), cancellationToken);

    // The tokens are counted under the lock.
    private async Task<TokenDto> CreateAsync(CreateUserToken request, CancellationToken cancellationToken)
    {
        await db.LockUserAsync(request.UserId, cancellationToken);
        var user =
            await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == request.UserId, cancellationToken)
            ?? throw new NotFoundException("user");
        if (!user.Active)
        {
            throw new ConflictException(ErrorCode.UserInactive, "The user is not active.");
        }

        if (
            request.ProjectId is { } project
            && (!(await projectAccess.GetAsync(project)).IsVisible || !await db.Projects.AnyAsync(p => p.Id == project, cancellationToken))
        )
        {
            throw new InvalidInputException("project_id", "is not a project that you can see");
        }

        await TokenIssuer.EnsureBelowLimitAsync(db.AccessTokens.Where(t => t.UserId == user.Id), cancellationToken);
        return await issuer.IssueAsync(
            (wanted, hash, by, now) => AccessToken.OfUser(user.Id, wanted, hash, by, now),
            request.Details,
            request.ProjectId,
            "user",
            user.Id,
            null,
            cancellationToken
        );
    }
}
