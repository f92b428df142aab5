using AutoMapper;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Users;

/// <summary>The public SSH keys of a user; whoever may see the user may see them.</summary>
[RequirePermission(Permission.UserRead)]
public sealed record ListSshKeys(Guid UserId, PageRequest Page) : IRequest<Page<SshKeyDto>>;

internal sealed class ListSshKeysValidator : AbstractValidator<ListSshKeys>
{
    public ListSshKeysValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListSshKeysHandler(IWombatDbContext db, IMapper mapper) : IRequestHandler<ListSshKeys, Page<SshKeyDto>>
{
    public async Task<Page<SshKeyDto>> Handle(ListSshKeys request, CancellationToken cancellationToken)
    {
        await db.EnsureUserAsync(request.UserId, cancellationToken);
        return await db
            .SshKeys.Where(k => k.UserId == request.UserId)
            .PageByAgeAsync(request.Page, CreatedAtPaging.Sort, mapper.Map<SshKeyDto>, k => k.Id, cancellationToken);
    }
}
