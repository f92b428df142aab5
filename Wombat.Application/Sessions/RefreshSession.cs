using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Directories;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>Asks the provider whether it still vouches for a session's user, and takes over what the groups now say. Of Wombat itself.</summary>
[Requires(Permission.SignIn)]
public sealed record RefreshSession(Guid SessionId) : IRequest;

internal sealed class RefreshSessionHandler(IWombatDbContext db, IOpenIdProvider provider, ProviderUsers users, Journal journal) : IRequestHandler<RefreshSession>
{
    public async Task<Unit> Handle(RefreshSession request, CancellationToken cancellationToken)
    {
        var tokens = await db.Sessions.AsNoTracking().Where(s => s.Id == request.SessionId).Select(s => s.ProviderTokens).SingleOrDefaultAsync(cancellationToken);
        if (tokens is null)
        {
            return Unit.Value;
        }

        var vouched = await provider.RefreshAsync(tokens, cancellationToken);
        return await db.InTransactionAsync(async cancel =>
        {
            if (await db.Sessions.SingleOrDefaultAsync(s => s.Id == request.SessionId, cancel) is not { } session)
            {
                return Unit.Value;
            }

            var user = vouched is null ? null : await users.FindKnownAsync(vouched, cancel);
            if (user is not { Active: true } || user.Id != session.UserId)
            {
                db.Sessions.Remove(session);
                journal.Record("session.ended", "user", session.UserId, projectId: null, before: new SessionRecord(session.Id, "the provider vouches no more"));
            }
            else
            {
                session.Vouch(vouched!.Issuer, vouched.ProviderSession ?? session.ProviderSession, vouched.Tokens, vouched.RefreshAt);
                await users.GrantAsync(user, vouched, cancel);
            }

            await db.SaveChangesAsync(cancel);
            return Unit.Value;
        }, cancellationToken);
    }
}
