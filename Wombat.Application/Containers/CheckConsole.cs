using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>Checks that the caller of an open console still has the permission, and that the container is not deleted.</summary>
[RequirePermission(Permission.ContainerConsole)]
public sealed record CheckConsole(Guid ProjectId, Guid Id) : IRequest<bool>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class CheckConsoleHandler(IWombatDbContext db) : IRequestHandler<CheckConsole, bool>
{
    public async Task<bool> Handle(CheckConsole request, CancellationToken cancellationToken) =>
        await db.Containers.AnyAsync(
            c => c.Id == request.Id && c.ProjectId == request.ProjectId && c.Status != ResourceStatus.Deleted,
            cancellationToken
        )
            ? true
            : throw new NotFoundException(Container.KindName);
}
