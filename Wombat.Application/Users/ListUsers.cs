using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <param name="Q">Part of the login or the full name, in any case.</param>
/// <param name="Login">The whole login.</param>
[RequirePermission(Permission.UserRead)]
public sealed record ListUsers(PageRequest Page, string? Q = null, string? Login = null, bool? Active = null, PlatformRole? Role = null)
    : IRequest<Page<UserDto>>;

internal sealed class ListUsersValidator : AbstractValidator<ListUsers>
{
    public ListUsersValidator()
    {
        RuleFor(m => m.Page).ValidPage(SortNames.Users);
        RuleFor(m => m.Login).MaximumLength(User.LoginMax).PlainText();
        RuleFor(m => m.Q).MaximumLength(User.FullNameMax).PlainText();
    }
}

internal sealed class ListUsersHandler(IWombatDbContext db, IMapper mapper, RequestContext context)
    : IRequestHandler<ListUsers, Page<UserDto>>
{
    public async Task<Page<UserDto>> Handle(ListUsers request, CancellationToken cancellationToken)
    {
        var page = request.Page;
        var sort = page.Sort ?? "login";
        var cursor = Cursor.Decode(page.Cursor, sort);
        var users = Filtered(request);
        var total = page.IncludeTotal ? await users.LongCountAsync(cancellationToken) : (long?)null;
        var rows = await Sorted(users, sort, cursor).Take(page.Take + 1).ToListAsync(cancellationToken);
        var items = rows.Select(u => mapper.Map<UserDto>(u).For(context.Caller!)).ToList();
        return Page.Cut(items, page, u => new Cursor(sort, sort.EndsWith("login", StringComparison.Ordinal) ? u.Login : "", u.Id), total);
    }

    private IQueryable<User> Filtered(ListUsers request)
    {
        var users = db.Users.AsNoTracking();
        users = request.Login is { } login ? users.Where(u => u.Login == login) : users;
        users = request.Active is { } active ? users.Where(u => u.Active == active) : users;
        users = request.Role is { } role ? users.Where(u => u.PlatformRole == role) : users;
        return request.Q is { Length: > 0 } q ? users.Where(u => TextSearch.Matches(u.Login + " " + u.FullName, q)) : users;
    }

    private static IQueryable<User> Sorted(IQueryable<User> users, string sort, Cursor? cursor) =>
        sort switch
        {
            "created_at" or "-created_at" => users.ByCreatedAt(sort, cursor),
            "-login" => (cursor is null ? users : users.Where(u => string.Compare(u.Login, cursor.Key) < 0)).OrderByDescending(u =>
                u.Login
            ),
            _ => (cursor is null ? users : users.Where(u => string.Compare(u.Login, cursor.Key) > 0)).OrderBy(u => u.Login),
        };
}
