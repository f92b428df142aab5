using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Databases;

/// <summary>Finds a database with its provider, for use cases that ask the provider directly.</summary>
internal sealed class DatabaseAccess(IWombatDbContext db, PluginRegistry plugins, HostIdentity here)
{
    /// <summary>The statuses in which the server of a database can be asked.</summary>
    public static readonly IReadOnlyList<ResourceStatus> Reachable = [ResourceStatus.Ready, ResourceStatus.Degraded, ResourceStatus.Frozen];

    /// <summary>The statuses in which its provider knows it, whether or not its server answers.</summary>
    public static readonly IReadOnlyList<ResourceStatus> Known =
    [
        .. Reachable,
        ResourceStatus.Error,
        ResourceStatus.Updating,
        ResourceStatus.Missing,
    ];

    /// <param name="verb">What is to be done, for the message of a conflict.</param>
    /// <exception cref="NotFoundException">There is no such database.</exception>
    /// <exception cref="ConflictException">The state does not allow it.</exception>
    /// <exception cref="ExternalSystemException">The database is on another host, or its plugin is not configured here.</exception>
    public async Task<(Database Database, IDatabaseProvider Provider)> FindAsync(
        Guid id,
        string verb,
        IReadOnlyList<ResourceStatus> allowedIn,
        CancellationToken cancel
    )
    {
        var database =
            await db.Databases.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancel)
            ?? throw new NotFoundException(Database.KindName);
        database.EnsureOperable(verb, allowedIn);
        return (database, ProviderOf(database));
    }

    /// <exception cref="ExternalSystemException">The database is on another host, or its plugin is not configured here.</exception>
    public IDatabaseProvider ProviderOf(Database database) =>
        ProviderHere(database)
        ?? throw new ExternalSystemException(
            ExternalFailure.Unavailable,
            $"The database is on the host {database.HostName}; send the request to the Wombat there."
        );

    /// <summary>The provider of the database; null when the database is on another host.</summary>
    /// <exception cref="ExternalSystemException">Its plugin is not configured here.</exception>
    public IDatabaseProvider? ProviderHere(Database database)
    {
        var provider = (IDatabaseProvider)plugins.Get(database.Plugin);
        return provider.IsHostBound && database.HostId != here.Id ? null : provider;
    }
}
