using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Databases;

/// <summary>Describes the connection of a database with a placeholder for the password.</summary>
/// <param name="User">Null for the database's own user.</param>
[RequirePermission(Permission.DatabaseRead)]
public sealed record GetConnection(Guid Id, string? User, ConnectionFormat Format) : IRequest<ConnectionDto>, IDatabaseScoped
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class GetConnectionHandler(DatabaseAccess access) : IRequestHandler<GetConnection, ConnectionDto>
{
    private const string Placeholder = "PASSWORD";

    public async Task<ConnectionDto> Handle(GetConnection request, CancellationToken cancellationToken)
    {
        var (database, provider) = await access.FindAsync(request.Id, "connect to", DatabaseAccess.Known, cancellationToken);
        var found = await provider.DescribeConnectionAsync(database.Reference, request.User, cancellationToken);
        return new ConnectionDto(
            request.Format,
            ConnectionText.Write(found with { Password = Placeholder }, database.Name, request.Format)
        );
    }
}
