using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Directories;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Directories;

namespace Wombat.Application.Sessions;

/// <summary>Asks the provider whether the user of a session is still valid, and applies the roles of the groups. Sent by Wombat itself.</summary>
[RequirePermission(Permission.SignIn)]
public sealed record RefreshSession(Guid SessionId) : IRequest;

internal sealed class RefreshSessionHandler(IWombatDbContext db, IOpenIdProvider provider, ExternalUserProvisioner users, AuditLog auditLog)
    : IRequestHandler<RefreshSession>
{
    public async Task<Unit> Handle(RefreshSession request, CancellationToken cancellationToken)
    {
        var tokens = await db
            .Sessions.AsNoTracking()
            .Where(s => s.Id == request.SessionId)
            .Select(s => s.ProviderTokens)
            .SingleOrDefaultAsync(cancellationToken);
        if (tokens is null)
        {
            return Unit.Value;
        }

        var signIn = await provider.RefreshAsync(tokens, cancellationToken);
        return await db.InTransactionAsync(
            async cancel =>
            {
                if (await db.Sessions.SingleOrDefaultAsync(s => s.Id == request.SessionId, cancel) is not { } session)
                {
                    return Unit.Value;
                }

                var user = signIn is null ? null : await users.FindKnownAsync(signIn, cancel);
                if (user is not { Active: true } || user.Id != session.UserId)
                {
                    db.Sessions.Remove(session);
                    auditLog.Record(
                        EventAction.SessionEnded,
                        "user",
                        session.UserId,
                        projectId: null,
                        before: new SessionRecord(session.Id, "the provider no longer confirms the user")
                    );
                }
                else
                {
                    session.LinkToProvider(
                        signIn!.Issuer,
                        signIn.ProviderSession ?? session.ProviderSession,
                        signIn.Tokens,
                        signIn.RefreshAt
                    );
                    await users.ApplyGroupsAsync(user, signIn, cancel);
                }

                await db.SaveChangesAsync(cancel);
                return Unit.Value;
            },
            cancellationToken
        );
    }
}
