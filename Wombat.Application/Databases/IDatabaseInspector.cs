using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Reads databases of users.</summary>
public interface IDatabaseInspector
{
    /// <summary>Connects, and counts all rows of all tables.</summary>
    /// <exception cref="Domain.Common.ExternalSystemException">It cannot be connected to or read.</exception>
    Task<DatabaseContents> CountAsync(DatabaseCredentials credentials, CancellationToken cancel);
}
