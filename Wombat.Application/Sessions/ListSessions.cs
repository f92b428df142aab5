using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Sessions;

/// <summary>The sessions of a user that have not expired, newest first.</summary>
[RequirePermission(Permission.AccountRead)]
public sealed record ListSessions(Guid UserId, PageRequest Page) : IRequest<Page<SessionDto>>, IUserScoped;

internal sealed class ListSessionsValidator : AbstractValidator<ListSessions>
{
    public ListSessionsValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListSessionsHandler(IWombatDbContext db, RequestContext context, TimeProvider clock)
    : IRequestHandler<ListSessions, Page<SessionDto>>
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
}
