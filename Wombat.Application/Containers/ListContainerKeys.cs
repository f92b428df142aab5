using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Containers;

/// <summary>Lists the current SSH keys of a container with their owners.</summary>
[RequirePermission(Permission.ContainerKeyRead)]
public sealed record ListContainerKeys(Guid ProjectId, Guid Id) : IRequest<Page<ContainerKeyDto>>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class ListContainerKeysHandler(IWombatDbContext db, ProjectSshKeys keys)
    : IRequestHandler<ListContainerKeys, Page<ContainerKeyDto>>
{
    public async Task<Page<ContainerKeyDto>> Handle(ListContainerKeys request, CancellationToken cancellationToken)
    {
        var container =
            await db
                .Containers.AsNoTracking()
                .SingleOrDefaultAsync(c => c.Id == request.Id && c.ProjectId == request.ProjectId, cancellationToken)
            ?? throw new NotFoundException("container");
        var all = (await keys.ForContainerAsync(container, cancellationToken)).Keys;
        var owners = all.Select(k => k.OwnerId).Distinct().ToList();
        var names = await db
            .Users.AsNoTracking()
            .Where(u => owners.Contains(u.Id))
            .Select(u => new { u.Id, Name = u.Login })
            .Union(db.AccessTokens.AsNoTracking().Where(t => owners.Contains(t.Id)).Select(t => new { t.Id, t.Name }))
            .ToDictionaryAsync(o => o.Id, o => o.Name, cancellationToken);
        return new Page<ContainerKeyDto>(
            [
                .. all.Select(k => new ContainerKeyDto(
                    k.Key.Fingerprint,
                    k.Key.Type,
                    k.Key.Comment,
                    k.Source,
                    k.OwnerId,
                    names.GetValueOrDefault(k.OwnerId) ?? ""
                )),
            ],
            NextCursor: null
        );
    }
}
