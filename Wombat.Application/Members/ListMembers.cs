using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Members;

[RequirePermission(Permission.MemberRead)]
public sealed record ListMembers(Guid ProjectId, PageRequest Page) : IRequest<Page<MemberDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class ListMembersValidator : AbstractValidator<ListMembers>
{
    public ListMembersValidator() => RuleFor(m => m.Page).ValidPage(SortNames.Members);
}

internal sealed class ListMembersHandler(IWombatDbContext db) : IRequestHandler<ListMembers, Page<MemberDto>>
{
    private const string Sort = "login";

    public async Task<Page<MemberDto>> Handle(ListMembers request, CancellationToken cancellationToken)
    {
        await db.EnsureProjectAsync(request.ProjectId, cancellationToken);
        var cursor = Cursor.Decode(request.Page.Cursor, request.Page.Sort ?? Sort);
        var members = db
            .Members.Where(m => m.ProjectId == request.ProjectId)
            .Join(db.Users, m => m.UserId, u => u.Id, (m, u) => new { m, u });
        var total = request.Page.IncludeTotal ? await members.LongCountAsync(cancellationToken) : (long?)null;
        members =
            request.Page.Sort == "-" + Sort
                ? (cursor is null ? members : members.Where(r => string.Compare(r.u.Login, cursor.Key) < 0)).OrderByDescending(r =>
                    r.u.Login
                )
                : (cursor is null ? members : members.Where(r => string.Compare(r.u.Login, cursor.Key) > 0)).OrderBy(r => r.u.Login);
        var rows = await members
            .Take(request.Page.Take + 1)
            .Select(r => new MemberDto(r.u.Id, r.u.Login, r.u.FullName, r.u.Active, r.m.Role, r.m.Source, r.m.CreatedAt))
            .ToListAsync(cancellationToken);
        return Page.Cut(rows, request.Page, m => new Cursor(request.Page.Sort ?? Sort, m.Login, m.UserId), total);
    }
}
