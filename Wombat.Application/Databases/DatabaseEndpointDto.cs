using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Where clients connect.</summary>
/// <param name="SslMode">The sslmode of libpq that the server's certificate allows.</param>
public sealed record DatabaseEndpointDto(string Host, int Port, string Dbname, string SslMode)
{
    private const int DefaultPort = 5432;

    internal static DatabaseEndpointDto? Of(Database database) =>
        database.Endpoints is [var endpoint, ..]
            ? new DatabaseEndpointDto(
                endpoint.Host,
                endpoint.Port ?? DefaultPort,
                DatabaseFacts.Text(database, DatabaseFacts.Name) ?? "",
                DatabaseFacts.Text(database, DatabaseFacts.SslMode) ?? "require"
            )
            : null;
}
