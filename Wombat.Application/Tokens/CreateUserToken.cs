using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Tokens;

/// <summary>A token of a user's own.</summary>
[RequirePermission(Permission.AccountManage)]
public sealed record CreateUserToken(Guid UserId, NewToken Details, Guid? ProjectId) : IRequest<TokenDto>, IUserScoped;

internal sealed class CreateUserTokenValidator : AbstractValidator<CreateUserToken>
{
    public CreateUserTokenValidator(TimeProvider clock) => RuleFor(m => m.Details).SetValidator(new NewTokenValidator(clock));
}

/// <summary>A project's own token: a service account for machines, that nobody's leaving ends.</summary>
[RequirePermission(Permission.ProjectTokenManage)]
public sealed record CreateProjectToken(Guid ProjectId, NewToken Details) : IRequest<TokenDto>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class CreateProjectTokenValidator : AbstractValidator<CreateProjectToken>
{
    public CreateProjectTokenValidator(TimeProvider clock) => RuleFor(m => m.Details).SetValidator(new NewTokenValidator(clock));
}

internal sealed class CreateTokenHandlers(
    IWombatDbContext db,
    ITokens tokens,
    AuditLog auditLog,
    RequestContext context,
    Access.ProjectAccessService projectAccess,
    TimeProvider clock
) : IRequestHandler<CreateUserToken, TokenDto>, IRequestHandler<CreateProjectToken, TokenDto>
{
    public Task<TokenDto> Handle(CreateUserToken request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => CreateAsync(request, cancel), cancellationToken);

    public Task<TokenDto> Handle(CreateProjectToken request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => CreateAsync(request, cancel), cancellationToken);

    // Both count under a lock, so that parallel requests cannot all find room for one more.
    private async Task<TokenDto> CreateAsync(CreateUserToken request, CancellationToken cancellationToken)
    {
        await db.LockUserAsync(request.UserId, cancellationToken);
        var user =
            await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == request.UserId, cancellationToken)
            ?? throw new NotFoundException("user");
        if (!user.Active)
        {
            throw new ConflictException("user_inactive", "The user is not active.");
        }

        if (
            request.ProjectId is { } project
            && (!(await projectAccess.GetAsync(project)).IsVisible || !await db.Projects.AnyAsync(p => p.Id == project, cancellationToken))
        )
        {
            throw new InvalidInputException("project_id", "is not a project that you can see");
        }

        await EnsureRoomAsync(db.AccessTokens.Where(t => t.UserId == user.Id), cancellationToken);
        return await SaveAsync(
            (wanted, hash, by, now) => AccessToken.OfUser(user.Id, wanted, hash, by, now),
            request.Details,
            request.ProjectId,
            "user",
            user.Id,
            null,
            cancellationToken
        );
    }

    private async Task<TokenDto> CreateAsync(CreateProjectToken request, CancellationToken cancellationToken)
    {
        await db.LockProjectAsync(request.ProjectId, exclusive: true, cancellationToken);
        await EnsureRoomAsync(db.AccessTokens.Where(t => t.ProjectId == request.ProjectId && t.UserId == null), cancellationToken);
        return await SaveAsync(
            AccessToken.OfProject,
            request.Details,
            request.ProjectId,
            "project",
            request.ProjectId,
            request.ProjectId,
            cancellationToken
        );
    }

    private static async Task EnsureRoomAsync(IQueryable<AccessToken> tokens, CancellationToken cancel)
    {
        if (await tokens.CountAsync(t => t.RevokedAt == null, cancel) >= AccessToken.TokensMax)
        {
            throw new ConflictException("too_many_tokens", $"At most {AccessToken.TokensMax} tokens live at once. Delete one first.");
        }
    }

    private async Task<TokenDto> SaveAsync(
        Func<TokenRequest, byte[], Caller, DateTimeOffset, AccessToken> create,
        NewToken details,
        Guid? reaches,
        string targetType,
        Guid targetId,
        Guid? projectId,
        CancellationToken cancel
    )
    {
        // A token must not give what its maker does not have: a stolen narrow token would make itself a wide one.
        var scope = details.Scopes!.Max();
        var caller = context.Caller!;
        if (scope > caller.Scope)
        {
            throw new ForbiddenException("scope_too_narrow", "A token gives no more than the credential that makes it has.");
        }

        if (AccessToken.EndOf(caller) is { } end && details.ExpiresAt > end)
        {
            throw new InvalidInputException(
                "expires_at",
                $"must not be later than the end of the credential that creates the token, {end.UtcDateTime:O}"
            );
        }

        return await db.InTransactionAsync(
            async token =>
            {
                await EnsureStillValidAsync(caller, token);
                var (secret, hash) = tokens.New();
                var made = create(new TokenRequest(details.Name!, scope, reaches, details.ExpiresAt), hash, caller, clock.GetUtcNow());
                db.AccessTokens.Add(made);
                auditLog.Record("token.created", targetType, targetId, projectId, after: TokenDto.From(made));
                await db.SaveChangesAsync(token);
                return TokenDto.From(made, secret);
            },
            cancel
        );
    }

    // Revoking a token revokes what was made with it: nothing may be made with it at that moment.
    private async Task EnsureStillValidAsync(Caller caller, CancellationToken cancel)
    {
        if (AccessToken.IsMadeByToken(caller) && !await db.HoldTokenAsync(caller.CredentialId!.Value, cancel))
        {
            throw new UnauthenticatedException("The credential is not valid, expired or revoked.", "revoked while it created a token");
        }
    }
}
