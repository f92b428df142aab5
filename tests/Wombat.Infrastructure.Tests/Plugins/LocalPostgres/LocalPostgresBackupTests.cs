using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.LocalPostgres;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.LocalPostgres;

/// <summary>Backups and restores whose parts are missing, damaged or late.</summary>
[Category("Slow")]
public sealed class LocalPostgresBackupTests
{
    private const int SigKill = 9;

    private LocalPostgresBed bed = null!;

    [SetUp]
    public void Start() => bed = new LocalPostgresBed();

    [TearDown]
    public Task Stop() => bed.DisposeAsync().AsTask();

    [Test]
    public async Task Restore_WithAMissingSegment_IsAnErrorThatNamesIt()
    {
        var (source, _) = await CreateWithBackupAsync();
        await WriteSegmentAsync(source, 1);
        await WriteSegmentAsync(source, 2);
        await WriteSegmentAsync(source, 3);
        var segments = Segments(source);
        var missing = segments[^2];
        File.Delete(missing);
        var request = bed.Request(Origin(source));
        Assert.That(
            async () => await bed.Plugin.ProvisionAsync(request, bed.Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains(Path.GetFileName(missing)).And.Property("IsRetryable").False
        );
        Assert.That((await bed.Plugin.StatusAsync(request.Resource, default)).State, Is.EqualTo(ObservedState.Broken));
        await bed.Plugin.DeprovisionAsync(request.Resource, bed.Log, default);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Restore_WithoutTheNewestSegment_IsAnErrorThatNamesIt(bool toATime)
    {
        var (source, _) = await CreateWithBackupAsync();
        await WriteSegmentAsync(source, 1);
        await WriteSegmentAsync(source, 2);
        var last = (await bed.Plugin.FindRestorableAsync(source, default)).LastRestorableAt;
        await bed.Plugin.DisposeAsync();
        var folder = bed.FolderOf(source);
        folder.Update(folder.Read()!, i => i with { Phase = InstancePhase.Archived });
        var missing = Segments(source)[^1];
        File.Delete(missing);
        await bed.RestartWombatAsync();
        var request = bed.Request(Origin(source) with { TargetTime = toATime ? last : null });
        Assert.That(
            async () => await bed.Plugin.ProvisionAsync(request, bed.Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains(Path.GetFileName(missing)[8..])
        );
    }

    [Test]
    public async Task Restore_ToATimeAfterTheLastArchivedCommit_HasEverything()
    {
        var (source, backup) = await CreateWithBackupAsync();
        await bed.Plugin.DisposeAsync();
        var folder = bed.FolderOf(source);

        // The source is lost, and with it the commit that marked the end of the backup. A server that runs on would archive more.
        Assert.That(FolderProcesses.Signal(bed.ServerOf(source), SigKill, folder.Data, "postgres"), Is.True);
        await Eventually.UntilAsync(() => FolderProcesses.In(folder.Data, "postgres").Count == 0, "the server has ended");
        folder.Update(folder.Read()!, i => i with { Phase = InstancePhase.Archived, LastRestorableAt = null });
        var archive = folder.ArchiveOf(folder.Read()!);
        File.Delete(Segments(source)[^1]);
        await File.WriteAllTextAsync(Path.Combine(archive, ".last"), Path.GetFileName(Segments(source)[^1])[8..]);
        await bed.RestartWombatAsync();
        var restored = await bed.CreateAsync(Origin(source) with { TargetTime = backup.EndedAt });
        Assert.That(await bed.Plugin.ScalarAsync(restored, "select count(*) from t"), Is.EqualTo(1L));
        Assert.That(bed.Log.Text, Does.Contain("No commit followed the time"));
    }

    [Test]
    public async Task Restore_ToATimeThatCannotBeRestored_NamesTheNearest()
    {
        var (source, backup) = await CreateWithBackupAsync();
        Assert.That(
            async () => await bed.CreateAsync(Origin(source) with { TargetTime = backup.EndedAt.AddDays(-1) }),
            Throws
                .TypeOf<ExternalSystemException>()
                .With.Property("Kind")
                .EqualTo(ExternalFailure.Invalid)
                .And.Message.Contains(ServerConfiguration.FormatTime(backup.EndedAt))
        );
        Assert.That(
            async () => await bed.CreateAsync(Origin(source) with { TargetTime = TimeProvider.System.GetUtcNow().AddHours(1) }),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("nearest")
        );
        Assert.That(
            async () => await bed.CreateAsync(Origin(source) with { BackupId = "../../x" }),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("no backup")
        );
    }

    [Test]
    public async Task Restore_OfADamagedBackup_IsRefused()
    {
        var (source, backup) = await CreateWithBackupAsync();
        var file = Path.Combine(new BackupCatalog(bed.FolderOf(source)).DataOf(backup.Id), "PG_VERSION");
        await File.WriteAllTextAsync(file, "19\n");
        Assert.That(
            async () => await bed.CreateAsync(Origin(source)),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("checksum of PG_VERSION differs")
        );
    }

    [Test]
    public async Task Restore_OfNow_HasTheLastCommitAndAFreshStart()
    {
        var (source, _) = await CreateWithBackupAsync();
        await bed.Plugin.SaveUserAsync(source, new DatabaseUserSpec("ann", DatabaseRole.Owner), bed.Log, default);
        await bed.Plugin.ExecuteAsync(source, "create table by_ann (a int)", "ann");
        await bed.Plugin.ExecuteAsync(source, "insert into t values (2)");
        bed.Tier = bed.Tier with { MaxConnections = 5 };
        var restored = await bed.CreateAsync(Origin(source));
        Assert.That(await bed.Plugin.ScalarAsync(restored, "select count(*) from t"), Is.EqualTo(2L));
        Assert.That(await bed.Plugin.ListUsersAsync(restored, default), Is.Empty);
        Assert.That(await bed.Plugin.ScalarAsync(restored, "select count(*) from pg_roles where rolname = 'ann'"), Is.EqualTo(0L));
        await bed.Plugin.ExecuteAsync(restored, "drop table by_ann; insert into t values (3)");

        // The restored database has an archive of its own, from which it can be restored again.
        await bed.Plugin.BackUpAsync(bed.RequestFor(restored), bed.Log, default);
        await bed.Plugin.ExecuteAsync(restored, "insert into t values (4)");
        var again = await bed.CreateAsync(Origin(restored));
        Assert.That(await bed.Plugin.ScalarAsync(again, "select count(*) from t"), Is.EqualTo(4L));
        Assert.That(await bed.Plugin.ScalarAsync(source, "select count(*) from t"), Is.EqualTo(2L));
    }

    [Test]
    public async Task Archive_ThatIsNotWritable_HoldsTheLastRestorableTimeBack()
    {
        var (source, _) = await CreateWithBackupAsync();
        var before = (await bed.Plugin.FindRestorableAsync(source, default)).LastRestorableAt!.Value;
        var archive = Path.GetDirectoryName(Segments(source)[0])!;
        File.SetUnixFileMode(archive, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await bed.Plugin.ExecuteAsync(source, "insert into t values (2)");
        Assert.That((await bed.Plugin.FindRestorableAsync(source, default)).LastRestorableAt, Is.EqualTo(before));
        File.SetUnixFileMode(archive, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Eventually.UntilAsync(
            async () => (await bed.Plugin.FindRestorableAsync(source, default)).LastRestorableAt > before,
            "the archive is written again"
        );
    }

    [Test]
    public async Task Archive_WithADifferentSegmentOfTheName_IsNeverOverwritten()
    {
        var (source, _) = await CreateWithBackupAsync();
        var folder = bed.FolderOf(source);
        var installation = await new PostgresInstallations(bed.Options).GetAsync(null, default);
        var segment = Segments(source)[0];
        var (name, content) = (Path.GetFileName(segment), await File.ReadAllBytesAsync(segment));
        var other = Path.Combine(folder.Data, "other");
        await File.WriteAllTextAsync(other, "other");
        var archive = Path.GetRelativePath(folder.Data, Path.GetDirectoryName(segment)!);
        async Task<int> ArchiveAsync(string path) =>
            (
                await Infrastructure.Processes.ChildProcess.RunAsync(
                    new Infrastructure.Processes.ChildCommand("/bin/sh", ["../archive.sh", path, name, archive], TimeSpan.FromSeconds(10))
                    {
                        WorkingDirectory = folder.Data,
                    },
                    default
                )
            ).ExitCode;
        Assert.That(await ArchiveAsync("other"), Is.EqualTo(1));
        Assert.That(await ArchiveAsync(segment), Is.Zero, "archiving the same segment twice fails");
        Assert.That(await File.ReadAllBytesAsync(segment), Is.EqualTo(content));
        Assert.That(installation.Version, Is.GreaterThanOrEqualTo(15));
    }

    [Test]
    public async Task Backup_WhenOlderOnesHaveExpired_RemovesThemWithTheirSegments()
    {
        var (source, first) = await CreateWithBackupAsync();
        await WriteSegmentAsync(source, 2);
        var catalog = new BackupCatalog(bed.FolderOf(source));
        Directory.CreateDirectory(Path.Combine(bed.FolderOf(source).Backups, "20200101T000000.000", "data"));
        var before = Segments(source).Count;
        bed.Tier = bed.Tier with { BackupRetentionDays = 0 };
        var second = await bed.Plugin.BackUpAsync(bed.RequestFor(source), bed.Log, default);
        var third = await bed.Plugin.BackUpAsync(bed.RequestFor(source), bed.Log, default);
        Assert.That(catalog.Find(first.Id), Is.Null);
        Assert.That(catalog.ReadAll().Select(b => b.Id), Is.EqualTo(new[] { third.Id }));
        Assert.That(Directory.GetDirectories(bed.FolderOf(source).Backups), Has.Length.EqualTo(1), "an incomplete backup stays");
        Assert.That(Segments(source), Has.Count.LessThan(before + 3));
        Assert.That(second.Id, Is.Not.EqualTo(third.Id));
        var restored = await bed.CreateAsync(Origin(source));
        Assert.That(await bed.Plugin.ScalarAsync(restored, "select count(*) from t"), Is.EqualTo(2L));
    }

    [Test]
    public async Task Version15_WhereInstalled_IsCreatedBackedUpAndRestored()
    {
        if (!File.Exists("/usr/lib/postgresql/15/bin/initdb"))
        {
            Assert.Ignore("PostgreSQL 15 is not installed.");
        }

        bed.Tier = bed.Tier with { PostgresVersion = 15 };
        var (source, _) = await CreateWithBackupAsync();
        Assert.That(await bed.Plugin.ScalarAsync(source, "select current_setting('server_version')"), Does.StartWith("15."));
        await bed.Plugin.FreezeAsync(source, "audit", bed.Log, default);
        await bed.Plugin.UnfreezeAsync(source, bed.Log, default);
        await bed.Plugin.SaveUserAsync(source, new DatabaseUserSpec("ann", DatabaseRole.ReadOnly), bed.Log, default);
        Assert.That(await bed.Plugin.ScalarAsync(source, "select count(*) from t", "ann"), Is.EqualTo(1L));
        var restored = await bed.CreateAsync(Origin(source));
        Assert.That(await bed.Plugin.ScalarAsync(restored, "select count(*) from t"), Is.EqualTo(1L));
        var other = await bed.Plugin.FindObjectionsAsync(
            new DatabaseSpec("dev") { Settings = bed.Tier with { PostgresVersion = 18 }, Origin = Origin(source) },
            default
        );
        Assert.That(other.Where(o => o.Prevents).Select(o => o.Message), Has.One.Contains("cannot be restored"));
    }

    private async Task<(ResourceRef Database, DatabaseBackup Backup)> CreateWithBackupAsync()
    {
        var database = await bed.CreateAsync();
        await bed.Plugin.ExecuteAsync(database, "create table t (a int); insert into t values (1)");
        return (database, await bed.Plugin.BackUpAsync(bed.RequestFor(database), bed.Log, default));
    }

    private async Task WriteSegmentAsync(ResourceRef database, int value)
    {
        await bed.Plugin.ExecuteAsync(database, $"insert into t values ({value})");
        await bed.Plugin.FindRestorableAsync(database, default);
    }

    private List<string> Segments(ResourceRef database)
    {
        var folder = bed.FolderOf(database);
        return
        [
            .. Directory
                .GetFiles(folder.ArchiveOf(folder.Read()!))
                .Where(f => Path.GetFileName(f).Length == 24)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static DatabaseOrigin Origin(ResourceRef source) => new(source.ExternalKey, source.ExternalName);
}
