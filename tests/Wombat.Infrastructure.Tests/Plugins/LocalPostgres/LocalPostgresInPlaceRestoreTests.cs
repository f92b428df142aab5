using Wombat.Domain.Databases;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.LocalPostgres;

/// <summary>Restores of a database into itself that fail and are killed.</summary>
[Category("Slow")]
public sealed class LocalPostgresInPlaceRestoreTests
{
    private LocalPostgresBed bed = null!;

    [SetUp]
    public void Start() => bed = new LocalPostgresBed();

    [TearDown]
    public Task Stop() => bed.DisposeAsync().AsTask();

    [TestCase("Restoring backup")]
    [TestCase("Backing up the present data")]
    public async Task RestoreInPlace_WhenItFailsBeforeTheSwap_KeepsTheData(string step)
    {
        var (database, backup) = await CreateWithBackupAsync();
        await bed.Plugin.ExecuteAsync(database, "insert into t values (2)");
        var to = new DatabaseRestoreTarget(Guid.NewGuid(), null, backup.Id);
        Assert.That(
            async () => await bed.Plugin.RestoreInPlaceAsync(bed.RequestFor(database), to, new FailingLog(step), default),
            Throws.InvalidOperationException
        );
        Assert.That(await bed.Plugin.ScalarAsync(database, "select sum(a) from t"), Is.EqualTo(3L));
        await bed.Plugin.RestoreInPlaceAsync(bed.RequestFor(database), to, bed.Log, default);
        Assert.That(await bed.Plugin.ScalarAsync(database, "select sum(a) from t"), Is.EqualTo(1L));
        Assert.That(Directory.Exists(bed.FolderOf(database).Restored.Path), Is.False);
        Assert.That(Directory.Exists(bed.FolderOf(database).Discarded), Is.False);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task RestoreInPlace_KilledInTheSwap_IsCompleted(bool afterTheFirstMove)
    {
        var (database, backup) = await CreateWithBackupAsync();
        await bed.Plugin.ExecuteAsync(database, "insert into t values (2)");
        var to = new DatabaseRestoreTarget(Guid.NewGuid(), null, backup.Id);
        Assert.That(
            async () => await bed.Plugin.RestoreInPlaceAsync(bed.RequestFor(database), to, new FailingLog("Replacing the data"), default),
            Throws.InvalidOperationException
        );
        await bed.Plugin.DisposeAsync();
        var folder = bed.FolderOf(database);
        if (afterTheFirstMove)
        {
            // The supervision may have completed the swap already.
            if (Directory.Exists(folder.Restored.Data))
            {
                Directory.Move(folder.Data, folder.Discarded);
            }
        }

        await bed.RestartWombatAsync();
        await bed.Plugin.ListAsync(default);
        await Eventually.UntilAsync(
            async () => (await bed.Plugin.ListBackupsAsync(database, default)).Backups.Count == 3,
            "the supervision has completed the restore and backed up the restored data",
            TimeSpan.FromMinutes(2)
        );
        Assert.That(await bed.Plugin.ScalarAsync(database, "select sum(a) from t"), Is.EqualTo(1L));
        Assert.That(Directory.Exists(folder.Restored.Path) || Directory.Exists(folder.Discarded), Is.False);
        await bed.Plugin.ExecuteAsync(database, "insert into t values (10)");
        var seen = await bed.Plugin.RestoreInPlaceAsync(bed.RequestFor(database), to, bed.Log, default);
        Assert.That(seen.State, Is.EqualTo(ObservedState.Running), seen.Note);
        Assert.That(await bed.Plugin.ScalarAsync(database, "select sum(a) from t"), Is.EqualTo(11L), "it was completed");
    }

    private async Task<(ResourceRef Database, DatabaseBackup Backup)> CreateWithBackupAsync()
    {
        var database = await bed.CreateAsync();
        await bed.Plugin.ExecuteAsync(database, "create table t (a int); insert into t values (1)");
        return (database, await bed.Plugin.BackUpAsync(bed.RequestFor(database), bed.Log, default));
    }

    /// <summary>Ends a call at the line that begins with a text, as the end of the process would.</summary>
    private sealed class FailingLog(string line) : IPluginLog
    {
        public ValueTask WriteAsync(string text, CancellationToken cancel) =>
            text.StartsWith(line, StringComparison.Ordinal) ? throw new InvalidOperationException(text) : ValueTask.CompletedTask;

        public ValueTask WriteAsync(LogEntry entry, CancellationToken cancel) => ValueTask.CompletedTask;

        public void AddSecret(string secret) { }

        public ValueTask ReportExternalIdAsync(string externalId) => ValueTask.CompletedTask;
    }
}
