using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
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
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Tracing;

namespace Wombat.Infrastructure.Persistence;

/// <summary>The EF Core context. Contexts are pooled, so they all share one <see cref="Notifications"/>.</summary>
public sealed class WombatDbContext(DbContextOptions<WombatDbContext> options) : DbContext(options), IWombatDbContext
{
    // Up to this number all commands of a save are one batch, which PostgreSQL runs as one implicit transaction: one round trip
    // instead of three. WombatDbContextTests tests that such a save is atomic.
    private const int OneBatch = 64;

    // Up to this code point every text is in normalization form C.
    private const char BeforeCombining = '\u02ff';

    private readonly HashSet<string> wakeAfterCommit = new(StringComparer.Ordinal);

    public DbSet<Project> Projects => Set<Project>();

    public DbSet<ProjectTag> ProjectTags => Set<ProjectTag>();

    public DbSet<Member> Members => Set<Member>();

    public DbSet<User> Users => Set<User>();

    public DbSet<SshKey> SshKeys => Set<SshKey>();

    public DbSet<AccessToken> AccessTokens => Set<AccessToken>();

    public DbSet<ExternalIdentity> Identities => Set<ExternalIdentity>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<Resource> Resources => Set<Resource>();

    public DbSet<Container> Containers => Set<Container>();

    public DbSet<Database> Databases => Set<Database>();

    public DbSet<Orphan> Orphans => Set<Orphan>();

    public DbSet<Tier> Tiers => Set<Tier>();

    public DbSet<ProjectBudget> Budgets => Set<ProjectBudget>();

    public DbSet<Workspace> Workspaces => Set<Workspace>();

    public DbSet<SshHost> SshHosts => Set<SshHost>();

    public DbSet<Command> Commands => Set<Command>();

    public DbSet<Run> Runs => Set<Run>();

    public DbSet<Schedule> Schedules => Set<Schedule>();

    public DbSet<ScheduleFire> ScheduleFires => Set<ScheduleFire>();

    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<Event> Events => Set<Event>();

    public DbSet<EventPosition> EventPositions => Set<EventPosition>();

    public DbSet<IdempotentAnswer> IdempotentAnswers => Set<IdempotentAnswer>();

    public DbContext Context => this;

    // Null at design time, when the migrations describe the model of the server.
    private readonly IReadOnlyList<Assembly> extensions =
        options.FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider?.GetService<WombatSettings>()?.Extensions ?? [];

    internal INotificationBus? Notifications { get; set; }

    internal AccessCache? Access { get; set; }

    /// <summary>The context of the current request.</summary>
    internal RequestContext? Request { get; set; }

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        var changed = CollectTopics();
        // Changes were just detected; do not detect them again.
        ChangeTracker.AutoDetectChangesEnabled = false;
        Database.AutoTransactionBehavior = changed <= OneBatch ? AutoTransactionBehavior.Never : AutoTransactionBehavior.WhenNeeded;
        try
        {
            var rows = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
            if (Database.CurrentTransaction is null)
            {
                Wake();
            }

            return rows;
        }
        catch (DbUpdateException e)
        {
            throw DatabaseErrors.Translate(e);
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = true;
        }
    }

    public async Task<T> InTransactionAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        if (Database.CurrentTransaction is not null)
        {
            return await work(cancel);
        }

        wakeAfterCommit.Clear();
        await using var transaction = await Database.BeginTransactionAsync(cancel);
        var result = await work(cancel);
        await transaction.CommitAsync(cancel);
        Wake();
        return result;
    }

    public Task<T> WithCustomPlanAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancel) =>
        InTransactionAsync(
            async token =>
            {
                await Database.ExecuteSqlAsync($"set local plan_cache_mode = force_custom_plan", token);
                return await read(token);
            },
            cancel
        );

    // "No key update": concurrent inserts that reference the row do not wait for the lock, which would cause deadlocks.
    public async Task<Project> LockProjectAsync(Guid id, bool exclusive, CancellationToken cancel)
    {
        var locked = exclusive
            ? Projects.FromSql($"select * from projects where id = {id} for no key update")
            : Projects.FromSql($"select * from projects where id = {id} for share");
        return await locked.SingleOrDefaultAsync(cancel) ?? throw new NotFoundException("project");
    }

    public async Task<Tier?> LockTierAsync(string name, bool exclusive, CancellationToken cancel) =>
        await (
            exclusive
                ? Tiers.FromSql($"select * from tiers where name = {name} for update")
                : Tiers.FromSql($"select * from tiers where name = {name} for share").AsNoTracking()
        ).SingleOrDefaultAsync(cancel);

    public async Task<Workspace?> LockWorkspaceAsync(Guid id, bool exclusive, CancellationToken cancel) =>
        await (
            exclusive
                ? Workspaces.FromSql($"select * from workspaces where id = {id} for update")
                : Workspaces.FromSql($"select * from workspaces where id = {id} for share").AsNoTracking()
        ).SingleOrDefaultAsync(cancel);

    public async Task<SshHost?> LockSshHostAsync(Guid id, bool exclusive, CancellationToken cancel) =>
        await (
            exclusive
                ? SshHosts.FromSql($"select * from ssh_hosts where id = {id} for update")
                : SshHosts.FromSql($"select * from ssh_hosts where id = {id} for share").AsNoTracking()
        ).SingleOrDefaultAsync(cancel);

    public async Task<Command?> LockCommandAsync(Guid id, CancellationToken cancel) =>
        await Commands.FromSql($"select * from commands where id = {id} for update").AsNoTracking().SingleOrDefaultAsync(cancel);

    public async Task<Schedule?> LockScheduleAsync(Guid id, CancellationToken cancel) =>
        await Schedules.FromSql($"select * from schedules where id = {id} for no key update").SingleOrDefaultAsync(cancel);

    public async Task<bool> RecordFireAsync(Guid schedule, DateTimeOffset at, CancellationToken cancel) =>
        await Database.ExecuteSqlAsync(
            $"insert into schedule_fires (schedule_id, at) values ({schedule}, {at}) on conflict do nothing",
            cancel
        ) == 1;

    public async Task LockUserAsync(Guid id, CancellationToken cancel)
    {
        if (await Database.SqlQuery<Guid>($"select id as \"Value\" from users where id = {id} for no key update").ToListAsync(cancel) is [])
        {
            throw new NotFoundException("user");
        }
    }

    public async Task<Job> LockJobAsync(Guid id, CancellationToken cancel) =>
        await Jobs.FromSql($"select * from jobs where id = {id} for no key update").SingleOrDefaultAsync(cancel)
        ?? throw new NotFoundException("job");

    public async Task<IReadOnlyList<Job>> LockActiveJobsAsync(Guid[] resources, CancellationToken cancel) =>
        await Jobs.FromSql(
                $"""
                select * from jobs where resource_id = any({resources}) and state in ('queued', 'waiting_retry', 'running')
                order by id for no key update
                """
            )
            .ToListAsync(cancel);

    public async Task LockResourceAsync(Resource resource, CancellationToken cancel)
    {
        await Database.ExecuteSqlAsync($"select 1 from resources where id = {resource.Id} for no key update", cancel);
        await Entry(resource).ReloadAsync(cancel);
    }

    public async Task<Orphan> LockOrphanAsync(Guid id, CancellationToken cancel) =>
        await Orphans.FromSql($"select * from orphans where id = {id} for update").SingleOrDefaultAsync(cancel)
        ?? throw new NotFoundException("orphan");

    public async Task<IReadOnlyList<Orphan>> LockOrphansAsync(string plugin, Guid? host, CancellationToken cancel) =>
        await Orphans
            .FromSql($"select * from orphans where plugin = {plugin} and host_id is not distinct from {host} order by id for update")
            .ToListAsync(cancel);

    public async Task<IReadOnlySet<int>> ReadPublishedPortsAsync(Guid? except, bool exclusive, CancellationToken cancel)
    {
        if (exclusive)
        {
            await Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({AdvisoryLock.PublishedPorts.Key})", cancel);
        }

        var ports = await Database
            .SqlQuery<int>(
                $"""
                select (p->>'host')::int as "Value" from resources r, jsonb_array_elements(r.spec->'ports') p
                where r.kind = {Container.KindName} and r.status <> 'deleted' and r.id is distinct from {except}
                """
            )
            .ToListAsync(cancel);
        return ports.ToHashSet();
    }

    public async ValueTask<string> NormalizeAsync(string text, CancellationToken cancel) =>
        text.AsSpan().ContainsAnyExceptInRange('\0', BeforeCombining)
            ? (await Database.SqlQuery<string>($"""select normalize({text}, NFC) as "Value" """).ToListAsync(cancel))[0]
            : text;

    public async Task<IReadOnlyList<AccessToken>> LockTokensAsync(Guid[] ids, CancellationToken cancel)
    {
        // Repeat until nothing new is found: while it waits for a lock, another token may be created with the locked one.
        List<AccessToken> before,
            locked = [];
        do
        {
            before = locked;
            locked = await AccessTokens
                .FromSql(
                    $"""
                    with recursive tree as (select id from access_tokens where id = any({ids}) union select c.id from access_tokens c
                        join tree on c.parent_token_id = tree.id)
                    select * from access_tokens where id in (select id from tree) and revoked_at is null order by id for no key update
                    """
                )
                .ToListAsync(cancel);
        } while (locked.Count > before.Count);
        return locked;
    }

    public async Task<bool> LockTokenAsync(Guid id, CancellationToken cancel) =>
        (
            await AccessTokens
                .FromSql($"select * from access_tokens where id = {id} and revoked_at is null for share")
                .AsNoTracking()
                .ToListAsync(cancel)
        ).Count == 1;

    public async Task<IReadOnlyList<Guid>> BringForwardJobsAsync(string kind, Guid[] resources, CancellationToken cancel) =>
        await Database
            .SqlQuery<Guid>(
                $"""
                with waiting as (
                    select id from jobs where resource_id = any({resources}) and kind = {kind} and state in ('queued', 'waiting_retry')
                        order by id for no key update)
                update jobs j set run_at = least(j.run_at, now()) from waiting w where j.id = w.id returning j.resource_id as "Value"
                """
            )
            .ToListAsync(cancel);

    public async Task<IReadOnlyList<User>> LockAdminsAsync(CancellationToken cancel) =>
        await Users
            .FromSql($"select * from users where platform_role = 'admin' order by id for no key update")
            .AsNoTracking()
            .ToListAsync(cancel);

    public async Task<bool> ReserveIdempotencyKeyAsync(
        string caller,
        string key,
        byte[] fingerprint,
        DateTimeOffset now,
        CancellationToken cancel
    ) =>
        await Database.ExecuteSqlAsync(
            $"""
            insert into idempotent_answers (caller, key, fingerprint, created_at)
            values ({caller}, {key}, {fingerprint}, {now}) on conflict do nothing
            """,
            cancel
        ) == 1;

    protected override void OnModelCreating(ModelBuilder modelBuilder) => DatabaseModel.Build(modelBuilder, extensions);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        DatabaseModel.Configure(configurationBuilder);

    private int CollectTopics()
    {
        var changed = 0;
        foreach (var entry in ChangeTracker.Entries())
        {
            changed += entry.State is EntityState.Unchanged or EntityState.Detached ? 0 : 1;
            switch (entry)
            {
                case { Entity: Event, State: EntityState.Added }:
                    wakeAfterCommit.Add(Topics.Events);
                    break;
                case { Entity: Schedule, State: EntityState.Added }:
                case { Entity: Schedule, State: EntityState.Modified } when entry.Property(nameof(Schedule.Version)).IsModified:
                    wakeAfterCommit.Add(Topics.Schedules);
                    break;
                case { Entity: Container container, State: EntityState.Modified }
                    when container.Spec.Ports.Count + container.PortStates.Count > 0:
                    wakeAfterCommit.Add(Topics.Ports);
                    break;
                case {
                    Entity: Member or AccessToken or Session or ExternalIdentity or User or Project,
                    State: EntityState.Modified or EntityState.Deleted or EntityState.Added
                }:
                    // Nobody can have cached access to a new project.
                    if (entry is not { Entity: Project, State: EntityState.Added })
                    {
                        wakeAfterCommit.Add(Topics.Access);
                    }

                    break;
                case { Entity: Job job, State: EntityState.Added or EntityState.Modified }:
                    if (entry.State == EntityState.Added && Request?.RequestId is { } requestId)
                    {
                        entry.Property(nameof(Job.RequestId)).CurrentValue = requestId;
                        entry.Property(WombatTracing.JobProperty).CurrentValue = WombatTracing.CurrentParent;
                    }

                    wakeAfterCommit.Add(job.State == JobState.Running ? Topics.Cancel : Topics.Jobs);
                    wakeAfterCommit.Add(Topics.JobStates);
                    if (entry.State == EntityState.Modified)
                    {
                        wakeAfterCommit.Add(Topics.Log(job.Id));
                    }

                    break;
            }
        }

        return changed;
    }

    private void Wake()
    {
        if (wakeAfterCommit.Contains(Topics.Access))
        {
            Access?.Clear();
        }

        foreach (var topic in wakeAfterCommit)
        {
            Notifications?.Publish(topic);
        }

        wakeAfterCommit.Clear();
    }
}
