using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Application.Users;

/// <summary>Unlinks an external identity and ends the sessions that it opened.</summary>
[RequirePermission(Permission.UserManage)]
public sealed record UnlinkIdentity(Guid UserId, string? Issuer, string? Subject) : IRequest, IUserScoped;

internal sealed class UnlinkIdentityValidator : AbstractValidator<UnlinkIdentity>
{
    public UnlinkIdentityValidator()
    {
        RuleFor(m => m.Issuer).NotEmpty().WithMessage("is required").PlainText();
        RuleFor(m => m.Subject).NotEmpty().WithMessage("is required").PlainText();
    }
}

internal sealed class UnlinkIdentityHandler(IWombatDbContext db, UserCredentials credentials, AuditLog auditLog)
    : IRequestHandler<UnlinkIdentity>
{
    public async Task<Unit> Handle(UnlinkIdentity request, CancellationToken cancellationToken)
    {
        var identity =
            await db.Identities.SingleOrDefaultAsync(
                i => i.Issuer == request.Issuer && i.Subject == request.Subject && i.UserId == request.UserId,
                cancellationToken
            ) ?? throw new NotFoundException("identity");
        db.Identities.Remove(identity);

        // Sessions of the identity must not continue as the user.
        await credentials.EndSessionsAsync(
            db.Sessions.Where(s => s.UserId == request.UserId && s.Issuer == identity.Issuer),
            "identity unlinked",
            cancellationToken
        );
        auditLog.Record(
            EventAction.IdentityUnlinked,
            "user",
            request.UserId,
            projectId: null,
            before: new IdentityDto(identity.Issuer, identity.Subject, identity.CreatedAt)
        );
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
