using Microsoft.Extensions.Logging;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Postgres;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>
/// Databases on this machine. Every call holds the lock of its database and is bounded in time; supervision begins with the first call
/// about a database.
/// </summary>
public sealed class LocalPostgresPlugin : IDatabaseProvider, IStopsLocalResources, IAsyncDisposable
{
    private readonly LocalPostgresOptions options;
    private readonly PostgresInstallations installations;
    private readonly InstanceStore store;
    private readonly InstanceProvisioner provisioner;
    private readonly InstanceLifecycle lifecycle;
    private readonly InstanceObserver observer;
    private readonly InstanceRunner runner;
    private readonly InstanceSupervisor supervisor;
    private readonly InstanceRepair repair;
    private readonly InPlaceRestore inPlaceRestore;
    private readonly CredentialsService credentials;
    private readonly BackupService backups;
    private readonly Objections objections;
    private readonly HealthBoard health = new();
    private readonly DiskUsage disk;
    private readonly CancellationTokenSource stopping;
    private readonly Lazy<Task> supervision;

    /// <param name="stop">Ends the supervision; the servers run on.</param>
    internal LocalPostgresPlugin(LocalPostgresOptions options, TimeProvider clock, ILoggerFactory logs, CancellationToken stop)
    {
        this.options = options;
        stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        installations = new PostgresInstallations(options);
        store = new InstanceStore(options);
        disk = new DiskUsage(clock);
        var authority = new LocalCertificateAuthority(options, clock);
        var limits = new ServerLimits(logs.CreateLogger<ServerLimits>());
        runner = new InstanceRunner(options, store, installations, authority, limits);
        credentials = new CredentialsService(options, authority);
        backups = new BackupService(options, clock);
        objections = new Objections(options, installations, store, limits);
        observer = new InstanceObserver(options, health, disk);
        var restore = new InstanceRestore(options, store, installations, runner);
        var prepared = new PreparedInstances(options, installations);
        provisioner = new InstanceProvisioner(store, installations, prepared, runner, restore, objections, credentials, clock);
        lifecycle = new InstanceLifecycle(store, installations, runner, backups, restore, clock);
        repair = new InstanceRepair(installations, runner, lifecycle, clock);
        inPlaceRestore = new InPlaceRestore(installations, runner, lifecycle, restore);
        supervisor = new InstanceSupervisor(
            store,
            prepared,
            runner,
            lifecycle,
            inPlaceRestore,
            new UserService(clock),
            new DiskWatch(options, disk, clock),
            new InstanceInspector(options, health, clock, logs.CreateLogger<InstanceInspector>()),
            health,
            clock,
            logs.CreateLogger<InstanceSupervisor>()
        );
        supervision = new Lazy<Task>(() => Task.Run(() => supervisor.RunAsync(stopping.Token), CancellationToken.None));
    }

    public string Name => options.Instance;

    public bool IsHostBound => true;

    public Task InitializeAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Starts no program, since it is called all the time.</summary>
    public Task<PluginHealth> HealthAsync(CancellationToken cancel)
    {
        if (PostgresBinaries.FindAll(options.Binaries).Count == 0)
        {
            return Task.FromResult(new PluginHealth(false, PostgresInstallations.Missing(null, [])));
        }

        var count = store.All().Count;
        return Task.FromResult(new PluginHealth(true, $"{count} {(count == 1 ? "database" : "databases")} on this machine."));
    }

    public Task<IReadOnlyList<DatabaseObjection>> FindObjectionsAsync(DatabaseSpec spec, CancellationToken cancel) =>
        BoundedCall.RunAsync(
            async token =>
            {
                Supervise();
                return await objections.FindAsync(spec, token);
            },
            options.CallTimeout,
            cancel
        );

    public Task<DatabaseChangeEffect> PlanChangeAsync(
        ResourceRef database,
        DatabaseChange change,
        DatabaseSpec after,
        CancellationToken cancel
    ) =>
        ReadAsync(
            database,
            (folder, instance, _) =>
                Task.FromResult(new DatabaseChangeEffect(objections.FindForChange(folder, instance, change, after), Downtime: true)),
            cancel
        );

    public Task<ResourceListing> ListAsync(CancellationToken cancel) =>
        BoundedCall.RunAsync(
            _ =>
            {
                Supervise();
                return Task.FromResult(new ResourceListing([.. store.All().Select(Listed).OfType<ListedResource>()]));
            },
            options.CallTimeout,
            cancel
        );

    public Task<ResourceObservation> StatusAsync(ResourceRef resource, CancellationToken cancel) =>
        BoundedCall.RunAsync(
            async token =>
            {
                Supervise();
                if (store.Find(resource) is { } found)
                {
                    using var turn = store.TryLock(found.Folder.Key);
                    if (turn is not null && found.Instance.Phase == InstancePhase.Ready)
                    {
                        await supervisor.EnsureRunningAsync(found.Folder, found.Instance, token);
                    }
                }

                return store.Find(resource) is { } now ? observer.Observe(now.Folder, now.Instance) : ResourceObservation.Missing;
            },
            options.CallTimeout,
            cancel
        );

    public Task<ResourceObservation> ProvisionAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel) =>
        BoundedCall.RunAsync(
            async token =>
            {
                var folder = store.FolderOf(request.Resource.ExternalKey);
                using var turn = await store.LockAsync(folder.Key, token);
                var (_, instance) = await provisioner.ProvisionAsync(request, log, token);
                health.ClearFailure(folder);
                Supervise();
                return observer.Observe(folder, instance);
            },
            request.Spec.Origin is null ? options.CallTimeout : options.CopyTimeout,
            cancel
        );

    public Task DeprovisionAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel) =>
        BoundedCall.RunAsync(
            async token =>
            {
                var folder = store.FolderOf(resource.ExternalKey);
                using var turn = await store.LockAsync(folder.Key, token);
                if (store.Find(resource) is { } found)
                {
                    await lifecycle.DeprovisionAsync(found.Folder, found.Instance, token);
                    health.Clear(folder);
                    disk.Forget(folder);
                }

                return true;
            },
            options.CallTimeout,
            cancel
        );

    public Task<DatabaseCredentials> GetCredentialsAsync(ResourceRef database, string? user, CancellationToken cancel) =>
        OnReadyAsync(database, (folder, instance, token) => credentials.GetAsync(folder, instance, user, token), cancel);

    public Task<DatabaseCredentials> DescribeConnectionAsync(ResourceRef database, string? user, CancellationToken cancel) =>
        ReadAsync(database, (folder, instance, token) => credentials.DescribeAsync(folder, instance, user, token), cancel);

    public Task RotateAsync(ResourceRef database, string? user, bool endSessions, IPluginLog log, CancellationToken cancel) =>
        OnWritableAsync(
            database,
            (folder, instance, token) => CredentialsService.RotateAsync(folder, instance, user, endSessions, token),
            cancel
        );

    public Task<ResourceObservation> FreezeAsync(ResourceRef database, string reason, IPluginLog log, CancellationToken cancel) =>
        ChangeAsync(
            database,
            (folder, instance, token) => lifecycle.FreezeAsync(folder, instance, new Freeze(FreezeCause.Request, reason), token),
            cancel
        );

    public Task<ResourceObservation> UnfreezeAsync(ResourceRef database, IPluginLog log, CancellationToken cancel) =>
        ChangeAsync(database, lifecycle.UnfreezeAsync, cancel);

    public Task<ResourceObservation> RestartAsync(ResourceRef database, IPluginLog log, CancellationToken cancel) =>
        ChangeAsync(database, lifecycle.RestartAsync, cancel);

    public Task<ResourceObservation> ResizeAsync(
        ProvisionRequest<DatabaseSpec> request,
        DatabaseSpec before,
        IPluginLog log,
        CancellationToken cancel
    ) =>
        ChangeAsync(
            request.Resource,
            (folder, instance, token) => lifecycle.ResizeAsync(folder, instance, request.Spec.Settings, before.Settings, token),
            cancel
        );

    public Task<ResourceObservation> RepairAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel) =>
        ChangeAsync(
            request.Resource,
            async (folder, instance, token) =>
            {
                var repaired = await repair.RepairAsync(folder, instance, log, token);
                health.ClearDrift(folder);
                return repaired;
            },
            cancel,
            options.CopyTimeout
        );

    public Task<ResourceObservation> AdoptAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel) =>
        ChangeAsync(
            request.Resource,
            async (folder, instance, token) =>
            {
                var changed = await repair.AdoptAsync(folder, instance, request.Spec.Settings, log, token);
                health.Set(folder, health.Of(folder) with { Files = ConfigurationDrift.Find(folder, changed) });
                return changed;
            },
            cancel
        );

    public Task<DatabaseBackups> ListBackupsAsync(ResourceRef database, CancellationToken cancel) =>
        ReadAsync(database, (folder, instance, _) => Task.FromResult(BackupService.List(folder, instance)), cancel);

    public Task<DatabaseBackups> FindRestorableAsync(ResourceRef database, CancellationToken cancel) =>
        OnAsync(
            database,
            async (folder, instance, token) =>
            {
                var marked = instance.Phase == InstancePhase.Ready ? await WalArchive.MarkAsync(folder, instance, token) : instance;
                return BackupService.List(folder, marked);
            },
            options.CallTimeout,
            cancel
        );

    public Task<DatabaseBackup> BackUpAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel) =>
        BoundedCall.RunAsync(
            async token =>
            {
                // The supervision goes on meanwhile.
                using var turn = await store.LockAsync(InstanceStore.BackupsOf(store.FolderOf(request.Resource.ExternalKey).Key), token);
                var (folder, instance) = await PrepareBackupAsync(request, token);
                return (await backups.BackUpAsync(folder, instance, log, token)).ToSummary();
            },
            options.CopyTimeout,
            cancel
        );

    public Task<ResourceObservation> RestoreInPlaceAsync(
        ProvisionRequest<DatabaseSpec> request,
        DatabaseRestoreTarget target,
        IPluginLog log,
        CancellationToken cancel
    ) =>
        OnAsync(
            request.Resource,
            async (folder, instance, token) =>
            {
                RequirePhase(instance);
                RequireWritable(instance);
                var restored = await inPlaceRestore.RestoreAsync(folder, instance, target, log, token);
                health.ClearFailure(folder);
                disk.Forget(folder);
                return observer.Observe(folder, restored);
            },
            options.CopyTimeout,
            cancel
        );

    public Task TrashAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel) =>
        BoundedCall.RunAsync(
            async token =>
            {
                using var turn = await store.LockAsync(store.FolderOf(request.Resource.ExternalKey).Key, token);
                if (store.Find(request.Resource) is { } found)
                {
                    await lifecycle.TrashAsync(found.Folder, found.Instance, request.Spec.Settings.DeletionPolicy, log, token);
                }

                return true;
            },
            options.CopyTimeout,
            cancel
        );

    public Task<ResourceObservation> UndeleteAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel) =>
        OnAsync(
            request.Resource,
            async (folder, instance, token) => observer.Observe(folder, await lifecycle.UndeleteAsync(folder, instance, log, token)),
            options.CopyTimeout,
            cancel
        );

    public Task<IReadOnlyList<DatabaseUserSpec>> ListUsersAsync(ResourceRef database, CancellationToken cancel) =>
        ReadAsync(
            database,
            (_, instance, _) => Task.FromResult<IReadOnlyList<DatabaseUserSpec>>([.. instance.Users.Select(u => u.ToSpec())]),
            cancel
        );

    public Task<IReadOnlyList<DatabaseExtension>> ListExtensionsAsync(ResourceRef database, CancellationToken cancel) =>
        OnReadyAsync(database, Extensions.ListAsync, cancel);

    public Task SaveUserAsync(ResourceRef database, DatabaseUserSpec user, IPluginLog log, CancellationToken cancel) =>
        OnWritableAsync(database, (folder, instance, token) => UserService.SaveAsync(folder, instance, user, token), cancel);

    public Task DropUserAsync(ResourceRef database, string user, IPluginLog log, CancellationToken cancel) =>
        OnWritableAsync(database, (folder, instance, token) => UserService.DropAsync(folder, instance, user, token), cancel);

    public async Task<int> StopAllAsync(CancellationToken cancel)
    {
        var running = store.All().Where(InstanceRunner.IsRunning).ToList();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel };
        await Parallel.ForEachAsync(
            running,
            parallel,
            async (folder, token) =>
            {
                using var turn = await store.LockAsync(folder.Key, token);
                if (folder.Read() is { } instance)
                {
                    await runner.StopAsync(folder, instance, token);
                }
            }
        );
        return running.Count;
    }

    /// <summary>Ends the supervision. The servers run on.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (supervision.IsValueCreated)
        {
            await supervision.Value.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Supervise() => _ = supervision.Value;

    private ListedResource? Listed(InstanceFolder folder)
    {
        try
        {
            return folder.Read() is { } instance && instance.Key == folder.Key
                ? new ListedResource(instance.Key, instance.Name, observer.Observe(folder, instance))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ListedResource(null, null, ResourceObservation.Unknown(e.Message));
        }
    }

    private Task<(InstanceFolder Folder, Instance Instance)> PrepareBackupAsync(
        ProvisionRequest<DatabaseSpec> request,
        CancellationToken cancel
    ) =>
        OnAsync(
            request.Resource,
            (folder, instance, _) =>
            {
                RequireReady(instance);
                RequireWritable(instance);
                var days = request.Spec.Settings.BackupRetentionDays;
                return Task.FromResult(
                    (folder, folder.Update(instance, i => i with { Tier = i.Tier with { BackupRetentionDays = days } }))
                );
            },
            options.CallTimeout,
            cancel
        );

    private Task<ResourceObservation> ChangeAsync(
        ResourceRef database,
        Func<InstanceFolder, Instance, CancellationToken, Task<Instance>> change,
        CancellationToken cancel,
        TimeSpan? limit = null
    ) =>
        OnAsync(
            database,
            async (folder, instance, token) =>
            {
                RequireReady(instance);
                var changed = await change(folder, instance, token);
                health.ClearFailure(folder);
                return observer.Observe(folder, changed);
            },
            limit ?? options.CallTimeout,
            cancel
        );

    private Task OnWritableAsync(
        ResourceRef database,
        Func<InstanceFolder, Instance, CancellationToken, Task> work,
        CancellationToken cancel
    ) =>
        OnReadyAsync(
            database,
            async (folder, instance, token) =>
            {
                RequireWritable(instance);
                await work(folder, instance, token);
                return true;
            },
            cancel
        );

    // The server is started first if it has ended.
    private Task<T> OnReadyAsync<T>(
        ResourceRef database,
        Func<InstanceFolder, Instance, CancellationToken, Task<T>> work,
        CancellationToken cancel
    ) =>
        OnAsync(
            database,
            async (folder, instance, token) =>
            {
                RequireReady(instance);
                await runner.StartAsync(folder, instance, token);
                return await work(folder, instance, token);
            },
            options.CallTimeout,
            cancel
        );

    // Without the lock: files are written atomically, and a read must not wait for a change.
    private Task<T> ReadAsync<T>(
        ResourceRef database,
        Func<InstanceFolder, Instance, CancellationToken, Task<T>> read,
        CancellationToken cancel
    ) =>
        BoundedCall.RunAsync(
            token =>
            {
                var (folder, instance) = store.Get(database);
                return read(folder, instance, token);
            },
            options.CallTimeout,
            cancel
        );

    private Task<T> OnAsync<T>(
        ResourceRef database,
        Func<InstanceFolder, Instance, CancellationToken, Task<T>> work,
        TimeSpan limit,
        CancellationToken cancel
    ) =>
        BoundedCall.RunAsync(
            async token =>
            {
                Supervise();
                using var turn = await store.LockAsync(store.FolderOf(database.ExternalKey).Key, token);
                var (folder, instance) = store.Get(database);
                return await work(folder, instance, token);
            },
            limit,
            cancel
        );

    private static void RequireReady(Instance instance)
    {
        RequirePhase(instance);
        if (instance.Restore is { IsClosed: true })
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, "A restore of the database is being completed.");
        }
    }

    private static void RequirePhase(Instance instance)
    {
        if (instance.Phase != InstancePhase.Ready)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                instance.Phase == InstancePhase.Creating ? "The creation of the database has not ended." : "The database was deleted."
            );
        }
    }

    private static void RequireWritable(Instance instance)
    {
        if (instance.Frozen is not null)
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, "The database is frozen. Unfreeze it first.");
        }
    }
}
