using Microsoft.EntityFrameworkCore;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Databases;
using Wombat.Domain.Jobs;
using Wombat.Domain.Members;
using Wombat.Domain.Orphans;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;
using Wombat.Domain.Sessions;
using Wombat.Domain.Tiers;
using Wombat.Domain.Tokens;
using Wombat.Domain.Users;

namespace Wombat.Application.Persistence;

/// <summary>Wombat's tables. One SaveChanges saves a change together with its event and job.</summary>
public interface IWombatDbContext
{
    DbSet<Project> Projects { get; }

    DbSet<ProjectTag> ProjectTags { get; }

    DbSet<Member> Members { get; }

    DbSet<User> Users { get; }

    DbSet<SshKey> SshKeys { get; }

    DbSet<AccessToken> AccessTokens { get; }

    DbSet<ExternalIdentity> Identities { get; }

    DbSet<Session> Sessions { get; }

    DbSet<Resource> Resources { get; }

    DbSet<Container> Containers { get; }

    DbSet<Database> Databases { get; }

    DbSet<Orphan> Orphans { get; }

    DbSet<Tier> Tiers { get; }

    DbSet<ProjectBudget> Budgets { get; }

    DbSet<Workspace> Workspaces { get; }

    DbSet<SshHost> SshHosts { get; }

    DbSet<Command> Commands { get; }

    DbSet<Run> Runs { get; }

    DbSet<Schedule> Schedules { get; }

    DbSet<ScheduleFire> ScheduleFires { get; }

    DbSet<Job> Jobs { get; }

    DbSet<Event> Events { get; }

    DbSet<EventPosition> EventPositions { get; }

    DbSet<IdempotentAnswer> IdempotentAnswers { get; }

    /// <summary>The context as its base type, for compiled queries.</summary>
    DbContext Context { get; }

    /// <exception cref="ConflictException">A unique name is taken, or a row was changed concurrently.</exception>
    Task<int> SaveChangesAsync(CancellationToken cancel = default);

    /// <summary>Runs <paramref name="work"/> in a transaction, or in the current one. Notifications are sent after the commit.</summary>
    Task<T> InTransactionAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancel);

    /// <summary>
    /// Runs a read with a custom plan, for queries whose best plan depends on the values: a frequent search term needs another plan than
    /// a rare one, and a generic plan suits neither.
    /// </summary>
    Task<T> WithCustomPlanAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancel);

    /// <summary>
    /// Returns the project and locks its row until the transaction ends. A shared lock prevents its deletion while something is created
    /// in it; an exclusive lock prevents creations during its deletion.
    /// </summary>
    /// <exception cref="NotFoundException">It does not exist.</exception>
    Task<Project> LockProjectAsync(Guid id, bool exclusive, CancellationToken cancel);

    /// <summary>
    /// Returns the tier and locks its row until the transaction ends; null if there is none. A shared lock prevents its deletion while a
    /// database of it is created.
    /// </summary>
    Task<Tier?> LockTierAsync(string name, bool exclusive, CancellationToken cancel);

    /// <summary>
    /// Returns the workspace and locks its row until the transaction ends; null if there is none. A shared lock prevents its deletion
    /// while a command that uses it is saved.
    /// </summary>
    Task<Workspace?> LockWorkspaceAsync(Guid id, bool exclusive, CancellationToken cancel);

    /// <summary>As <see cref="LockWorkspaceAsync"/>, for a host of SSH.</summary>
    Task<SshHost?> LockSshHostAsync(Guid id, bool exclusive, CancellationToken cancel);

    /// <summary>
    /// Returns the command and locks its row until the transaction ends, so that its unfinished runs can be counted; null if there is
    /// none.
    /// </summary>
    Task<Command?> LockCommandAsync(Guid id, CancellationToken cancel);

    /// <summary>
    /// Returns the schedule and locks its row until the transaction ends; null if there is none. The command was locked before, so that
    /// its deletion and a fire cannot wait for each other.
    /// </summary>
    Task<Schedule?> LockScheduleAsync(Guid id, CancellationToken cancel);

    /// <summary>Records a time of a schedule as handled. Returns false if it already was; waits for a replica that does it now.</summary>
    Task<bool> RecordFireAsync(Guid schedule, DateTimeOffset at, CancellationToken cancel);

    /// <summary>Locks the user's row until the transaction ends. Limits per user are counted under this lock.</summary>
    /// <exception cref="NotFoundException">The user does not exist.</exception>
    Task LockUserAsync(Guid id, CancellationToken cancel);

    /// <summary>Returns the job and locks its row until the transaction ends, so that its worker cannot end it meanwhile.</summary>
    /// <exception cref="NotFoundException">It does not exist.</exception>
    Task<Job> LockJobAsync(Guid id, CancellationToken cancel);

    /// <summary>
    /// Returns the unfinished jobs of the resources and locks their rows, in the order of their ids, until the transaction ends.
    /// </summary>
    Task<IReadOnlyList<Job>> LockActiveJobsAsync(Guid[] resources, CancellationToken cancel);

    /// <summary>Locks the resource's row until the transaction ends and reloads it.</summary>
    Task LockResourceAsync(Resource resource, CancellationToken cancel);

    /// <summary>Returns the orphan and locks its row until the transaction ends.</summary>
    /// <exception cref="NotFoundException">It does not exist.</exception>
    Task<Orphan> LockOrphanAsync(Guid id, CancellationToken cancel);

    /// <summary>Returns the orphans of a plugin instance and locks their rows until the transaction ends.</summary>
    /// <param name="host">The host that has them; null for those of a plugin that is not bound to a host.</param>
    Task<IReadOnlyList<Orphan>> LockOrphansAsync(string plugin, Guid? host, CancellationToken cancel);

    /// <summary>The ports of hosts that the containers have which are not deleted.</summary>
    /// <param name="except">A container whose ports are left out.</param>
    /// <param name="exclusive">Whether no other transaction may assign ports until this one ends.</param>
    Task<IReadOnlySet<int>> ReadPublishedPortsAsync(Guid? except, bool exclusive, CancellationToken cancel);

    /// <summary>Converts text to Unicode normalization form C. Done by PostgreSQL, because the process runs without ICU.</summary>
    ValueTask<string> NormalizeAsync(string text, CancellationToken cancel);

    /// <summary>
    /// Returns those of the tokens, and of the tokens created with them (directly or indirectly), that are not revoked. Locks their rows
    /// until the transaction ends.
    /// </summary>
    Task<IReadOnlyList<AccessToken>> LockTokensAsync(Guid[] ids, CancellationToken cancel);

    /// <summary>Prevents the revocation of the token until the transaction ends. Returns false if it is already revoked.</summary>
    Task<bool> LockTokenAsync(Guid id, CancellationToken cancel);

    /// <summary>
    /// Makes waiting jobs of the kind due and returns their resources. Locks the jobs' rows until the transaction ends, so that they run
    /// after the commit.
    /// </summary>
    Task<IReadOnlyList<Guid>> BringForwardJobsAsync(string kind, Guid[] resources, CancellationToken cancel);

    /// <summary>Returns the users with the admin role, active or not, and locks their rows until the transaction ends.</summary>
    Task<IReadOnlyList<User>> LockAdminsAsync(CancellationToken cancel);

    /// <summary>
    /// Reserves the key for this transaction. Returns false if a response with the key is already stored. Waits for a concurrent request
    /// with the key.
    /// </summary>
    Task<bool> ReserveIdempotencyKeyAsync(string caller, string key, byte[] fingerprint, DateTimeOffset now, CancellationToken cancel);
}
