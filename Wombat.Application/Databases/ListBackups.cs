using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Databases;

/// <summary>The backups of a database and the times that can be restored, as its provider knows them.</summary>
[RequirePermission(Permission.DatabaseRead)]
public sealed record ListBackups(Guid Id) : IRequest<DatabaseBackupsDto>, IDatabaseScoped
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class ListBackupsHandler(DatabaseAccess access) : IRequestHandler<ListBackups, DatabaseBackupsDto>
{
    public async Task<DatabaseBackupsDto> Handle(ListBackups request, CancellationToken cancellationToken)
    {
        var (database, provider) = await access.FindAsync(request.Id, "list the backups of", DatabaseAccess.Known, cancellationToken);
        var known = await provider.ListBackupsAsync(database.Reference, cancellationToken);
        return new DatabaseBackupsDto(
            [.. known.Backups.Select(b => new DatabaseBackupDto(b.Id, b.StartedAt, b.EndedAt, b.Bytes))],
            known.FirstRestorableAt,
            known.LastRestorableAt
        );
    }
}
