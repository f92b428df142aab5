using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>Who a user is elsewhere, by issuer.</summary>
[RequirePermission(Permission.AccountRead)]
public sealed record ListIdentities(Guid UserId, PageRequest Page) : IRequest<Page<IdentityDto>>, IUserScoped;

internal sealed class ListIdentitiesValidator : AbstractValidator<ListIdentities>
{
    public ListIdentitiesValidator() => RuleFor(m => m.Page).ValidPage(SortNames.Identities);
}

/// <summary>Lets who brings this identity act as the user.</summary>
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

/// <summary>The identity is nobody's again; the sessions that it opened end.</summary>
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

internal sealed class IdentityHandlers(IWombatDbContext db, Credentials credentials, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<ListIdentities, Page<IdentityDto>>,
        IRequestHandler<LinkIdentity, IdentityDto>,
        IRequestHandler<UnlinkIdentity>
{
    public const string Sort = "issuer";

    // No issuer holds a line's end.
    private const char Between = '\n';

    public async Task<Page<IdentityDto>> Handle(ListIdentities request, CancellationToken cancellationToken)
    {
        await db.EnsureUserAsync(request.UserId, cancellationToken);
        var (page, sort) = (request.Page, request.Page.Sort ?? Sort);
        var identities = db.Identities.AsNoTracking().Where(i => i.UserId == request.UserId);
        var total = page.IncludeTotal ? await identities.LongCountAsync(cancellationToken) : (long?)null;
        var rows = await Sorted(identities, sort, Cursor.Decode(page.Cursor, sort))
            .Take(page.Take + 1)
            .Select(i => new IdentityDto(i.Issuer, i.Subject, i.CreatedAt))
            .ToListAsync(cancellationToken);
        return Page.Cut(rows, page, i => new Cursor(sort, $"{i.Issuer}{Between}{i.Subject}", request.UserId), total);
    }

    private static IQueryable<ExternalIdentity> Sorted(IQueryable<ExternalIdentity> identities, string sort, Cursor? cursor)
    {
        var (issuer, subject) = cursor?.Key.Split(Between, 2) is [var first, var second] ? (first, second) : ("", "");
        if (sort[0] == '-')
        {
            return (
                cursor is null
                    ? identities
                    : identities.Where(i =>
                        string.Compare(i.Issuer, issuer) < 0 || i.Issuer == issuer && string.Compare(i.Subject, subject) < 0
                    )
            )
                .OrderByDescending(i => i.Issuer)
                .ThenByDescending(i => i.Subject);
        }

        return (
            cursor is null
                ? identities
                : identities.Where(i =>
                    string.Compare(i.Issuer, issuer) > 0 || i.Issuer == issuer && string.Compare(i.Subject, subject) > 0
                )
        )
            .OrderBy(i => i.Issuer)
            .ThenBy(i => i.Subject);
    }

    public async Task<IdentityDto> Handle(LinkIdentity request, CancellationToken cancellationToken)
    {
        await db.EnsureUserAsync(request.UserId, cancellationToken);
        var identity = ExternalIdentity.Create(request.Issuer!, request.Subject!, request.UserId, clock.GetUtcNow());
        var dto = new IdentityDto(identity.Issuer, identity.Subject, identity.CreatedAt);
        db.Identities.Add(identity);
        auditLog.Record("identity.linked", "user", request.UserId, projectId: null, after: dto);
        await db.SaveChangesAsync(cancellationToken);
        return dto;
    }

    public async Task<Unit> Handle(UnlinkIdentity request, CancellationToken cancellationToken)
    {
        var identity =
            await db.Identities.SingleOrDefaultAsync(
                i => i.Issuer == request.Issuer && i.Subject == request.Subject && i.UserId == request.UserId,
                cancellationToken
            ) ?? throw new NotFoundException("identity");
        db.Identities.Remove(identity);

        // Whoever signed in by it must not go on as the user.
        await credentials.EndSessionsAsync(
            db.Sessions.Where(s => s.UserId == request.UserId && s.Issuer == identity.Issuer),
            "identity unlinked",
            cancellationToken
        );
        auditLog.Record(
            "identity.unlinked",
            "user",
            request.UserId,
            projectId: null,
            before: new IdentityDto(identity.Issuer, identity.Subject, identity.CreatedAt)
        );
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
