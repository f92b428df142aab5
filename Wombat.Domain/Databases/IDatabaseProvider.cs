using Wombat.Domain.Plugins;

namespace Wombat.Domain.Databases;

/// <summary>
/// A plugin that provides PostgreSQL databases. The rules of <see cref="IPlugin"/> hold for every call: calls are repeatable, failures are
/// <c>ExternalSystemException</c>, secrets appear only in <see cref="DatabaseCredentials"/>. Calls with a log are made by jobs, one at
/// a time for each database.
/// <para><b>Drift.</b> Observations carry in <see cref="ResourceObservation.Differences"/> what somebody changed outside Wombat, and
/// <see cref="ResourceObservation.LastRestorableAt"/> once there is a backup. Fields that a spec can hold have the names of
/// <see cref="TierAdoption"/>. A database that was removed is missing; if its backups or volumes still allow a repair, the observation has
/// a difference.</para>
/// </summary>
public interface IDatabaseProvider : IProvisioner<DatabaseSpec>, IListsResources
{
    /// <summary>Whether the outside system makes the backups of a tier's schedule by itself; otherwise jobs do.</summary>
    bool SchedulesBackups => false;

    /// <summary>What is known to prevent or weaken a database with this spec, without changing anything.</summary>
    Task<IReadOnlyList<DatabaseObjection>> FindObjectionsAsync(DatabaseSpec spec, CancellationToken cancel);

    /// <summary>What is known to prevent or weaken a change of an existing database, without changing anything.</summary>
    /// <param name="after">The spec after the change.</param>
    Task<DatabaseChangeEffect> PlanChangeAsync(ResourceRef database, DatabaseChange change, DatabaseSpec after, CancellationToken cancel);

    /// <summary>The credentials of a user; those of the database's own user when <paramref name="user"/> is null.</summary>
    Task<DatabaseCredentials> GetCredentialsAsync(ResourceRef database, string? user, CancellationToken cancel);

    /// <summary>
    /// How a user connects, as far as it is known without a call to the database's server; the password may be empty. It changes nothing
    /// and works while the server is down.
    /// </summary>
    Task<DatabaseCredentials> DescribeConnectionAsync(ResourceRef database, string? user, CancellationToken cancel) =>
        GetCredentialsAsync(database, user, cancel);

    /// <summary>
    /// Gives a user a new password. The old one is valid until the new one is, so no client that reconnects is refused.
    /// </summary>
    /// <param name="user">Null for the database's own user.</param>
    /// <param name="endSessions">Whether open sessions of the user are ended afterwards.</param>
    Task RotateAsync(ResourceRef database, string? user, bool endSessions, IPluginLog log, CancellationToken cancel);

    /// <summary>Makes the database read-only, or unavailable where the provider can only stop it, until it is unfrozen.</summary>
    Task<ResourceObservation> FreezeAsync(ResourceRef database, string reason, IPluginLog log, CancellationToken cancel);

    Task<ResourceObservation> UnfreezeAsync(ResourceRef database, IPluginLog log, CancellationToken cancel);

    Task<ResourceObservation> RestartAsync(ResourceRef database, IPluginLog log, CancellationToken cancel);

    /// <summary>
    /// Applies the settings of another or a changed tier to an existing database. A failed or cancelled call puts the settings of
    /// <paramref name="before"/> back; what it cannot put back is a difference of the next observation.
    /// </summary>
    /// <param name="before">What is expected of the database until the call has succeeded.</param>
    Task<ResourceObservation> ResizeAsync(
        ProvisionRequest<DatabaseSpec> request,
        DatabaseSpec before,
        IPluginLog log,
        CancellationToken cancel
    );

    /// <summary>
    /// Makes everything as the spec says again that somebody changed outside Wombat. Succeeds when nothing differs. A database that is
    /// missing is made again from what the provider still has of it. A provider whose provisioning applies the whole spec again has nothing
    /// to add.
    /// </summary>
    Task<ResourceObservation> RepairAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel) =>
        ProvisionAsync(request, log, cancel);

    /// <summary>
    /// Takes this spec, into which actual values were taken over, as what is expected from now on. Other differences stay as they are.
    /// </summary>
    Task<ResourceObservation> AdoptAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel);

    /// <summary>
    /// The complete backups, the newest first, and the times that can be restored, as far as they are known without a call to the
    /// database's server. It changes nothing and works while the server is down.
    /// </summary>
    Task<DatabaseBackups> ListBackupsAsync(ResourceRef database, CancellationToken cancel);

    /// <summary>
    /// The same for a restore that is requested now: what was committed so far is archived first, where the provider can do that.
    /// </summary>
    Task<DatabaseBackups> FindRestorableAsync(ResourceRef database, CancellationToken cancel) => ListBackupsAsync(database, cancel);

    /// <summary>Makes a backup and removes those that the retention no longer keeps.</summary>
    Task<DatabaseBackup> BackUpAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel);

    /// <summary>
    /// Replaces the data of a database by those of a time or a backup, after a backup of the present data. Address, credentials and users
    /// stay. After a failure at any point the database has either the old or the restored data; a repeated call continues.
    /// </summary>
    Task<ResourceObservation> RestoreInPlaceAsync(
        ProvisionRequest<DatabaseSpec> request,
        DatabaseRestoreTarget target,
        IPluginLog log,
        CancellationToken cancel
    );

    /// <summary>
    /// Ends all access to a deleted database and keeps what its deletion policy says, until it is undeleted or deprovisioned.
    /// </summary>
    Task TrashAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel);

    /// <summary>Makes a database in the trash available again, with its data and credentials.</summary>
    Task<ResourceObservation> UndeleteAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel);

    /// <summary>The extensions that the server has, by name, with those that are installed in the database.</summary>
    Task<IReadOnlyList<DatabaseExtension>> ListExtensionsAsync(ResourceRef database, CancellationToken cancel);

    /// <summary>The users that were saved, without the database's own user.</summary>
    Task<IReadOnlyList<DatabaseUserSpec>> ListUsersAsync(ResourceRef database, CancellationToken cancel);

    /// <summary>Creates a user with a generated password, or changes the role or the expiry of an existing one.</summary>
    Task SaveUserAsync(ResourceRef database, DatabaseUserSpec user, IPluginLog log, CancellationToken cancel);

    /// <summary>Ends the sessions of a user and removes it; what it owns passes to the owner. Succeeds when it does not exist.</summary>
    Task DropUserAsync(ResourceRef database, string user, IPluginLog log, CancellationToken cancel);
}
