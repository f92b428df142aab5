using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Directories;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>A user's sessions that have not run out by age, newest first.</summary>
[RequirePermission(Permission.AccountRead)]
public sealed record ListSessions(Guid UserId, PageRequest Page) : IRequest<Page<SessionDto>>, IUserScoped;

internal sealed class ListSessionsValidator : AbstractValidator<ListSessions>
{
    public ListSessionsValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

/// <summary>Ends a session at once, on every replica.</summary>
[RequirePermission(Permission.AccountManage)]
public sealed record EndSession(Guid UserId, Guid SessionId) : IRequest, IUserScoped;

/// <summary>Ends the session that asks, here and at the provider; with another kind of credential there is none to end.</summary>
[RequirePermission(Permission.IdentityRead)]
public sealed record SignOut : IRequest<SignedOut>;

internal sealed class SessionHandlers(
    IWombatDbContext db,
    IOpenIdProvider provider,
    AuditLog auditLog,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<ListSessions, Page<SessionDto>>, IRequestHandler<EndSession>, IRequestHandler<SignOut, SignedOut>
{
    public async Task<Page<SessionDto>> Handle(ListSessions request, CancellationToken cancellationToken)
    {
        var (now, mine) = (clock.GetUtcNow(), context.Caller!.CredentialId);
        await db.EnsureUserAsync(request.UserId, cancellationToken);
        return await db
            .Sessions.Where(s => s.UserId == request.UserId && s.ExpiresAt > now)
            .PageByAgeAsync(
                request.Page,
                "-" + CreatedAtPaging.Sort,
                s => new SessionDto(s.Id, s.CreatedAt, s.LastSeenAt, s.ExpiresAt, s.Address, s.UserAgent, s.Id == mine),
                s => s.Id,
                cancellationToken
            );
    }

    public async Task<Unit> Handle(EndSession request, CancellationToken cancellationToken)
    {
        await EndAsync(request.UserId, request.SessionId, cancellationToken);
        return Unit.Value;
    }

    public async Task<SignedOut> Handle(SignOut request, CancellationToken cancellationToken)
    {
        var session = context.Caller is { AuthenticationType: "session", UserId: { } user, CredentialId: { } id }
            ? await EndAsync(user, id, cancellationToken)
            : throw new ConflictException("no_session", "This credential is no session.");
        return new SignedOut(session.ProviderTokens is { } tokens ? await provider.EndAsync(tokens, cancellationToken) : null);
    }

    private async Task<Session> EndAsync(Guid user, Guid id, CancellationToken cancel)
    {
        var session =
            await db.Sessions.SingleOrDefaultAsync(s => s.Id == id && s.UserId == user, cancel) ?? throw new NotFoundException("session");
        db.Sessions.Remove(session);
        auditLog.Record("session.ended", "user", user, projectId: null, before: new SessionRecord(id, Method: null));
        await db.SaveChangesAsync(cancel);
        return session;
    }
}
