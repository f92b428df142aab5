using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>The commands of a project as a document in YAML. It names hosts and workspaces, which only members see.</summary>
/// <param name="ProjectId">Null for the commands of the platform.</param>
[RequirePermission(Permission.HostRead)]
public sealed record ExportCommands(Guid? ProjectId) : IRequest<string>, IOwnerScoped
{
    Guid? IOwnerScoped.OwnerProjectId => ProjectId;
}

internal sealed class ExportCommandsHandler(IWombatDbContext db) : IRequestHandler<ExportCommands, string>
{
    public async Task<string> Handle(ExportCommands request, CancellationToken cancellationToken)
    {
        if (request.ProjectId is { } id)
        {
            await db.EnsureProjectAsync(id, cancellationToken);
        }

        var commands = await db.Commands.AsNoTracking().Where(c => c.ProjectId == request.ProjectId).ToListAsync(cancellationToken);
        var references = await CommandReferences.ReadAsync(db, request.ProjectId, cancellationToken);
        return CommandDocument.Write([
            .. commands.OrderBy(c => c.Name, StringComparer.Ordinal).Select(c => CommandDocument.Describe(c.Name, c.Spec, references)),
        ]);
    }
}
