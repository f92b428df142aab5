using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

/// <summary>What the contract does not say of restores in place: what is kept, what is refused, and what follows a failure.</summary>
public sealed class CnpgInPlaceRestoreTests : CnpgTests
{
    [Test]
    public async Task RestoreInPlace_WhenRowsFollowTheBackup_KeepsThemUnderTheOldName()
    {
        var (database, backup) = await CreateAsync();
        var before = (await Objects.FindAsync("clusters", Namespace, ClusterOf(database)))!;
        var log = new HookedLog("Deleting the Cluster", () => QueryAsync(database.Resource, "insert into t values (4)"));
        var seen = await Plugin.RestoreInPlaceAsync(database, To(backup), log, default);
        Assert.That((seen.State, seen.Differences!.Count), Is.EqualTo((ObservedState.Running, 0)), seen.Note);
        Assert.That(await SumAsync(database.Resource), Is.EqualTo("1"));
        var after = (await Objects.FindAsync("clusters", Namespace, ClusterOf(database)))!;
        Assert.That(CnpgObjects.Uid(after), Is.Not.EqualTo(CnpgObjects.Uid(before)));
        Assert.That(ServerNameOf(after), Is.Not.EqualTo(ServerNameOf(before)));

        var replaced = (await Plugin.ListBackupsAsync(database.Resource, default)).Backups[1];
        await Plugin.RestoreInPlaceAsync(database, To(replaced), Log, default);
        Assert.That(await SumAsync(database.Resource), Is.EqualTo("7"), "the row that was written after the backup is lost");
    }

    [Test]
    public async Task RestoreInPlace_WithoutObjectStore_IsAnObjection()
    {
        var plugin = NewPlugin(o => o with { ObjectStore = null });
        var request = Request(BackedUp);
        var made = await plugin.ProvisionAsync(request, Log, default);
        request = request with { Resource = request.Resource with { ExternalId = made.ExternalId } };
        var plan = await plugin.PlanChangeAsync(request.Resource, DatabaseChange.RestoreInPlace, request.Spec, default);
        Assert.That(
            plan.Objections.Single(),
            Is.EqualTo(new DatabaseObjection("change", "plugins.cnpg has no object store, so there are no backups to restore."))
        );
        Assert.That(
            async () => await plugin.RestoreInPlaceAsync(request, new DatabaseRestoreTarget(Guid.NewGuid(), null, "none"), Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.EqualTo(plan.Objections[0].Message)
        );
        Assert.That((await plugin.StatusAsync(request.Resource, default)).State, Is.EqualTo(ObservedState.Running));
    }

    [Test]
    public async Task RestoreInPlace_WhenFrozen_IsRefused()
    {
        var (database, backup) = await CreateAsync();
        await Plugin.FreezeAsync(database.Resource, "unpaid", Log, default);
        Assert.That(
            async () => await Plugin.RestoreInPlaceAsync(database, To(backup), Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Conflict)
        );
        Assert.That((await Plugin.StatusAsync(database.Resource, default)).State, Is.EqualTo(ObservedState.Frozen));
    }

    [Test]
    public async Task RestoreInPlace_WhenTheSafetyBackupFails_ChangesNothing()
    {
        var (database, backup) = await CreateAsync();
        Operator.SetFault(database.Resource.ExternalId!, new CnpgFault { BackupFailure = "bucket is full" });
        Assert.That(
            async () => await Plugin.RestoreInPlaceAsync(database, To(backup), Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("bucket is full")
        );
        Assert.That(await SumAsync(database.Resource), Is.EqualTo("3"));
    }

    [Test]
    public async Task RestoreInPlace_WhenRecoveryFails_CanReturnToTheReplacedData()
    {
        var (database, _) = await CreateAsync();
        await Plugin.SaveUserAsync(database.Resource, new DatabaseUserSpec("ann", DatabaseRole.ReadOnly), Log, default);
        var credentials = await Plugin.GetCredentialsAsync(database.Resource, "ann", default);

        // PostgreSQL refuses a time after the last commit.
        var never = new DatabaseRestoreTarget(Guid.NewGuid(), TimeProvider.System.GetUtcNow().AddHours(1), null);
        var hasty = database with { Spec = database.Spec with { Settings = database.Spec.Settings with { ReadyTimeoutSeconds = 2 } } };
        Assert.That(
            async () => await Plugin.RestoreInPlaceAsync(hasty, never, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Unavailable)
        );
        Assert.That((await Plugin.StatusAsync(database.Resource, default)).State, Is.Not.EqualTo(ObservedState.Running));

        var replaced = (await Plugin.ListBackupsAsync(database.Resource, default)).Backups[0];
        var seen = await Plugin.RestoreInPlaceAsync(database, To(replaced), Log, default);
        Assert.That((seen.State, seen.Differences!.Count), Is.EqualTo((ObservedState.Running, 0)), seen.Note);
        Assert.That(await SumAsync(database.Resource), Is.EqualTo("3"));
        Assert.That(await Plugin.GetCredentialsAsync(database.Resource, "ann", default), Is.EqualTo(credentials));
        Assert.That(await QueryAsync(database.Resource, "select sum(n) from t", "ann"), Is.EqualTo("3"));
    }

    [Test]
    public async Task Repair_WhenARestoreHasRemovedTheCluster_CompletesIt()
    {
        var (database, backup) = await CreateAsync();
        var before = await Plugin.GetCredentialsAsync(database.Resource, null, default);
        await CancelAtAsync("Deleting the Cluster", database, To(backup));
        await Objects.DeleteAsync("clusters", Namespace, ClusterOf(database));
        var missing = await Eventually.GetAsync(
            () => Plugin.StatusAsync(database.Resource, default),
            s => s.State == ObservedState.Missing,
            "the Cluster is gone"
        );
        Assert.That(missing.Differences, Is.EqualTo(new[] { new ResourceDifference("Cluster", ClusterOf(database), null) }));
        Assert.That((await Plugin.RepairAsync(database, Log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That(await SumAsync(database.Resource), Is.EqualTo("1"));
        Assert.That(await Plugin.GetCredentialsAsync(database.Resource, null, default), Is.EqualTo(before));
    }

    [Test]
    public async Task RestoreInPlace_RetriedAfterTheDatabaseWasInUse_KeepsWhatWasWrittenSince()
    {
        var (database, backup) = await CreateAsync();
        var target = To(backup);
        await CancelAtAsync("The Backup", database, target);
        await QueryAsync(database.Resource, "insert into t values (8)");
        await Plugin.RotateAsync(database.Resource, null, endSessions: true, Log, default);
        var credentials = await Plugin.GetCredentialsAsync(database.Resource, null, default);

        await Plugin.RestoreInPlaceAsync(database, target, Log, default);
        Assert.That(await SumAsync(database.Resource), Is.EqualTo("1"));
        Assert.That(await Plugin.GetCredentialsAsync(database.Resource, null, default), Is.EqualTo(credentials));
        var backups = (await Plugin.ListBackupsAsync(database.Resource, default)).Backups;
        Assert.That(backups, Has.Count.EqualTo(4), "the first, two of the present data, and one of the restored data");
        await Plugin.RestoreInPlaceAsync(database, To(backups[1]), Log, default);
        Assert.That(await SumAsync(database.Resource), Is.EqualTo("11"));

        // That of the attempt that replaced nothing is what was there at its time.
        await Plugin.RestoreInPlaceAsync(database, To(backups[2]), Log, default);
        Assert.That(await SumAsync(database.Resource), Is.EqualTo("3"));
    }

    [Test]
    public async Task Undelete_WhenDeletedInTheMiddleOfARestore_CompletesIt()
    {
        var (database, backup) = await CreateAsync();
        await CancelAtAsync("Deleting the Cluster", database, To(backup));
        await Objects.DeleteAsync("clusters", Namespace, ClusterOf(database));
        await Eventually.UntilAsync(
            async () => (await Plugin.StatusAsync(database.Resource, default)).State == ObservedState.Missing,
            "the Cluster is gone"
        );
        await Plugin.TrashAsync(database, Log, default);
        Assert.That((await Plugin.UndeleteAsync(database, Log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That(await SumAsync(database.Resource), Is.EqualTo("1"));
    }

    private async Task<(ProvisionRequest<DatabaseSpec> Database, DatabaseBackup Backup)> CreateAsync()
    {
        var request = Request(BackedUp);
        var database = request with { Resource = await CreateAsync(request) };
        await QueryAsync(database.Resource, "create table t (n int); insert into t values (1)");
        var backup = await Plugin.BackUpAsync(database, Log, default);
        await QueryAsync(database.Resource, "insert into t values (2)");
        return (database, backup);
    }

    // Cancels a restore when its log has a line that begins with the text.
    private async Task CancelAtAsync(string line, ProvisionRequest<DatabaseSpec> database, DatabaseRestoreTarget target)
    {
        using var cancel = new CancellationTokenSource();
        var log = new HookedLog(line, cancel.CancelAsync);
        Assert.That(
            async () => await Plugin.RestoreInPlaceAsync(database, target, log, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>()
        );
    }

    private Task<string> SumAsync(ResourceRef database) => QueryAsync(database, "select sum(n) from t");

    private static DatabaseRestoreTarget To(DatabaseBackup backup) => new(Guid.NewGuid(), null, backup.Id);

    private static string? ServerNameOf(System.Text.Json.Nodes.JsonObject cluster) =>
        (string?)cluster["spec"]!["backup"]!["barmanObjectStore"]!["serverName"];

    /// <summary>Does something when a line begins with a text.</summary>
    private sealed class HookedLog(string line, Func<Task> work) : IPluginLog
    {
        public async ValueTask WriteAsync(string text, CancellationToken cancel)
        {
            if (text.StartsWith(line, StringComparison.Ordinal))
            {
                await work();
            }
        }
    }
}
