using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>Links an external identity: whoever signs in with it acts as the user.</summary>
[RequirePermission(Permission.UserManage)]
public sealed record LinkIdentity(Guid UserId, string? Issuer, string? Subject) : IRequest<IdentityDto>, IUserScoped, IIdempotentCommand;

internal sealed class LinkIdentityValidator : AbstractValidator<LinkIdentity>
{
    public LinkIdentityValidator()
    {
        RuleFor(m => m.Issuer)
            .NotEmpty()
            .WithMessage("is required")
            .MaximumLength(ExternalIdentity.IssuerMax)
            .WithMessage("is too long")
            .PlainText();
        RuleFor(m => m.Subject)
            .NotEmpty()
            .WithMessage("is required")
            .MaximumLength(ExternalIdentity.SubjectMax)
            .WithMessage("is too long")
            .PlainText();
    }
}

internal sealed class LinkIdentityHandler(IWombatDbContext db, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<LinkIdentity, IdentityDto>
{
    public async Task<IdentityDto> Handle(LinkIdentity request, CancellationToken cancellationToken)
    {
        await db.EnsureUserAsync(request.UserId, cancellationToken);
        var identity = ExternalIdentity.Create(request.Issuer!, request.Subject!, request.UserId, clock.GetUtcNow());
        var dto = new IdentityDto(identity.Issuer, identity.Subject, identity.CreatedAt);
        db.Identities.Add(identity);
        auditLog.Record(EventAction.IdentityLinked, "user", request.UserId, projectId: null, after: dto);
        await db.SaveChangesAsync(cancellationToken);
        return dto;
    }
}
