using Microsoft.EntityFrameworkCore;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Members;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;
using Wombat.Domain.Sessions;
using Wombat.Domain.Tokens;
using Wombat.Domain.Users;

namespace Wombat.Application.Persistence;

/// <summary>Wombat's tables. One SaveChanges carries the change, its event and its job, or nothing.</summary>
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

    DbSet<Job> Jobs { get; }

    DbSet<Event> Events { get; }

    DbSet<EventPosition> EventPositions { get; }

    DbSet<IdempotentAnswer> IdempotentAnswers { get; }

    /// <summary>For compiled queries, which must know the base type.</summary>
    DbContext Context { get; }

    /// <exception cref="ConflictException">A unique name is taken, or a row was changed by another in the meantime.</exception>
    Task<int> SaveChangesAsync(CancellationToken cancel = default);

    /// <summary>Runs <paramref name="work"/> in one transaction, joining the one that is open. Readers are woken after the commit.</summary>
    Task<T> InTransactionAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancel);

    /// <summary>
    /// Runs a read whose best plan depends on its values: a word that a tenth of all rows hold wants another plan than a rare
    /// one, and a prepared statement's general plan suits neither.
    /// </summary>
    Task<T> WithCustomPlanAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancel);

    /// <summary>
    /// The living project, its row locked until the transaction ends: shared, so that it cannot be deleted while
    /// something is made in it; exclusive, so that nothing is made in it while it is deleted.
    /// </summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    Task<Project> LockProjectAsync(Guid id, bool exclusive, CancellationToken cancel);

    /// <summary>Locks the user's row until the transaction ends: what is counted of a user is counted under it.</summary>
    /// <exception cref="NotFoundException">There is no such user.</exception>
    Task LockUserAsync(Guid id, CancellationToken cancel);

    /// <summary>The job, its row locked until the transaction ends, so that its worker does not end it meanwhile.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    Task<Job> LockJobAsync(Guid id, CancellationToken cancel);

    /// <summary>The jobs of these resources that have not ended, their rows locked until the transaction ends, in the order of their ids as whoever locks many does.</summary>
    Task<IReadOnlyList<Job>> LockActiveJobsAsync(Guid[] resources, CancellationToken cancel);

    /// <summary>Locks the resource's row until the transaction ends and takes over what is stored.</summary>
    Task LockResourceAsync(Resource resource, CancellationToken cancel);

    /// <summary>The text in Unicode's normalization form C, in which equal names are equal text. PostgreSQL does it, since the process runs without ICU.</summary>
    ValueTask<string> NormalizeAsync(string text, CancellationToken cancel);

    /// <summary>The tokens that are not revoked among these and all that were made with them, at any remove; their rows locked until the transaction ends.</summary>
    Task<IReadOnlyList<AccessToken>> LockTokensAsync(Guid[] ids, CancellationToken cancel);

    /// <summary>Keeps the token from being revoked until the transaction ends; false where it is revoked already.</summary>
    Task<bool> HoldTokenAsync(Guid id, CancellationToken cancel);

    /// <summary>
    /// Of these resources those that have a waiting job of the kind, which is now due. Its row is locked until the transaction
    /// ends, so that it runs after the commit.
    /// </summary>
    Task<IReadOnlyList<Guid>> BringForwardJobsAsync(string kind, Guid[] resources, CancellationToken cancel);

    /// <summary>The users with the admin role, active or not, their rows locked until the transaction ends.</summary>
    Task<IReadOnlyList<User>> LockAdminsAsync(CancellationToken cancel);

    /// <summary>Takes the key for this transaction and returns true, or false when a committed answer has it. Waits for a concurrent holder.</summary>
    Task<bool> TakeIdempotencyKeyAsync(string caller, string key, byte[] fingerprint, DateTimeOffset now, CancellationToken cancel);
}
