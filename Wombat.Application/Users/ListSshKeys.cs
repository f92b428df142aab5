using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>A user's keys; public, as their name says, so whoever may see the user may see them.</summary>
[Requires(Permission.UserRead)]
public sealed record ListSshKeys(Guid UserId) : IRequest<Page<SshKeyDto>>;

internal sealed class ListSshKeysHandler(IWombatDbContext db, IMapper mapper) : IRequestHandler<ListSshKeys, Page<SshKeyDto>>
{
    public async Task<Page<SshKeyDto>> Handle(ListSshKeys request, CancellationToken cancellationToken)
    {
        var keys = await db.SshKeys.AsNoTracking().Where(k => k.UserId == request.UserId).OrderBy(k => k.Id).ToListAsync(cancellationToken);
        return keys.Count > 0 || await db.Users.AnyAsync(u => u.Id == request.UserId, cancellationToken)
            ? new Page<SshKeyDto>(mapper.Map<List<SshKeyDto>>(keys), NextCursor: null)
            : throw new NotFoundException("user");
    }
}
