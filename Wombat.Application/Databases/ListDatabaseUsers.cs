using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;

namespace Wombat.Application.Databases;

/// <summary>The users of a database, without its own user.</summary>
[RequirePermission(Permission.DatabaseRead)]
public sealed record ListDatabaseUsers(Guid Id) : IRequest<Page<DatabaseUserDto>>, IDatabaseScoped
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class ListDatabaseUsersHandler(DatabaseAccess access) : IRequestHandler<ListDatabaseUsers, Page<DatabaseUserDto>>
{
    public async Task<Page<DatabaseUserDto>> Handle(ListDatabaseUsers request, CancellationToken cancellationToken)
    {
        var (database, provider) = await access.FindAsync(request.Id, "list the users of", DatabaseAccess.Known, cancellationToken);
        var users = await provider.ListUsersAsync(database.Reference, cancellationToken);
        return new Page<DatabaseUserDto>([.. users.Select(u => new DatabaseUserDto(u.Name, u.Role, u.ExpiresAt))], NextCursor: null);
    }
}
