using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;

namespace Wombat.Application.Databases;

/// <summary>The extensions that the server of a database has, with those that are installed in the database.</summary>
[RequirePermission(Permission.DatabaseRead)]
public sealed record ListExtensions(Guid Id) : IRequest<Page<DatabaseExtensionDto>>, IDatabaseScoped
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class ListExtensionsHandler(DatabaseAccess access) : IRequestHandler<ListExtensions, Page<DatabaseExtensionDto>>
{
    public async Task<Page<DatabaseExtensionDto>> Handle(ListExtensions request, CancellationToken cancellationToken)
    {
        var (database, provider) = await access.FindAsync(
            request.Id,
            "list the extensions of",
            DatabaseAccess.Reachable,
            cancellationToken
        );
        var known = await provider.ListExtensionsAsync(database.Reference, cancellationToken);
        return new Page<DatabaseExtensionDto>(
            [.. known.Select(e => new DatabaseExtensionDto(e.Name, e.DefaultVersion, e.InstalledVersion, e.Trusted, e.Comment))],
            NextCursor: null
        );
    }
}
