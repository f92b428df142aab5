using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>The external identities of a user, by issuer.</summary>
[RequirePermission(Permission.AccountRead)]
public sealed record ListIdentities(Guid UserId, PageRequest Page) : IRequest<Page<IdentityDto>>, IUserScoped;

internal sealed class ListIdentitiesValidator : AbstractValidator<ListIdentities>
{
    public ListIdentitiesValidator() => RuleFor(m => m.Page).ValidPage(SortNames.Identities);
}

internal sealed class ListIdentitiesHandler(IWombatDbContext db) : IRequestHandler<ListIdentities, Page<IdentityDto>>
{
    private const string Sort = "issuer";

    // Issuers contain no line ends.
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
}
