using System.Net;
using System.Net.Sockets;
using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.LocalPostgres;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.LocalPostgres;

/// <summary>What can happen to servers, files and ports on the machine.</summary>
[Category("Slow")]
public sealed class LocalPostgresFaultTests
{
    private const int SigKill = 9;
    private LocalPostgresBed bed = null!;

    [SetUp]
    public void Start() => bed = new LocalPostgresBed();

    [TearDown]
    public Task Stop() => bed.DisposeAsync().AsTask();

    [Test]
    public async Task Server_KilledWhileBusy_IsStartedAgainWithItsRows()
    {
        var database = await bed.CreateAsync();
        await bed.Plugin.ExecuteAsync(database, "create table t as select 7 as a");
        await using var busy = await bed.Plugin.OpenAsync(database);
        var sleeping = busy.ScalarAsync("select pg_sleep(600)");
        var killed = bed.ServerOf(database);
        Assert.That(FolderProcesses.Signal(killed, SigKill, bed.FolderOf(database).Data, "postgres"), Is.True);
        Assert.That(async () => await sleeping, Throws.InstanceOf<NpgsqlException>(), "the session outlives its server");
        await Eventually.UntilAsync(
            async () =>
                (await bed.Plugin.StatusAsync(database, default)).State == ObservedState.Running
                && bed.FindServer(database) is { } now
                && now != killed,
            "the server runs again"
        );
        Assert.That(await bed.Plugin.ScalarAsync(database, "select a from t"), Is.EqualTo(7));
    }

    [Test]
    public async Task Start_ThatHangs_HoldsNoOtherDatabase()
    {
        var (slow, other) = (await bed.CreateAsync(), await bed.CreateAsync());
        var pipe = bed.FolderOf(slow).Log;
        File.Delete(pipe);
        await ChildProcess.RunAsync(new ChildCommand("/usr/bin/mkfifo", [pipe], TimeSpan.FromSeconds(10)), default);
        await StopAsync(slow);
        await Eventually.UntilAsync(
            () => FolderProcesses.In(bed.FolderOf(slow).Path, "pg_ctl", "sh", "dash", "bash").Count > 0,
            "the start hangs on the log"
        );
        for (var i = 0; i < 2; i++)
        {
            var killed = bed.ServerOf(other);
            FolderProcesses.Signal(killed, SigKill, bed.FolderOf(other).Data, "postgres");
            await Eventually.UntilAsync(
                async () =>
                    await bed.Plugin.StatusOfAsync(other) == ObservedState.Running
                    && bed.FindServer(other) is { } server
                    && server != killed,
                "the other server runs again"
            );
        }

        Assert.That(await bed.Plugin.StatusOfAsync(slow), Is.Not.EqualTo(ObservedState.Running));
        await using var reader = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite);
        await bed.UntilStateAsync(slow, ObservedState.Running);
    }

    [Test]
    public async Task Supervision_DuringALongBackup_GoesOn()
    {
        var database = await bed.CreateAsync();
        await bed.Plugin.ExecuteAsync(database, "create table t (a int)");
        var archive = bed.FolderOf(database).ArchiveOf(bed.FolderOf(database).Read()!);
        File.SetUnixFileMode(archive, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var expires = TimeProvider.System.GetUtcNow().AddSeconds(3);
        await bed.Plugin.SaveUserAsync(database, new DatabaseUserSpec("short", DatabaseRole.ReadOnly, expires), bed.Log, default);
        await using var session = await bed.Plugin.OpenAsync(database, "short");
        var backup = bed.Plugin.BackUpAsync(bed.RequestFor(database), bed.Log, default);
        await Eventually.UntilAsync(async () => !await session.IsAliveAsync(), "the session of the expired user is ended");
        Assert.That((await bed.Plugin.GetCredentialsAsync(database, null, default)).Password, Is.Not.Empty);
        Assert.That(backup.IsCompleted, Is.False, "the backup did not last long enough");
        File.SetUnixFileMode(archive, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.That((await backup).Id, Is.Not.Empty);
    }

    [Test]
    public async Task Backup_CutShort_IsRemovedWhenWombatStarts()
    {
        var database = await bed.CreateAsync();
        await bed.Plugin.DisposeAsync();
        var partial = Path.Combine(bed.FolderOf(database).Backups, "20260101T000000.000");
        Directory.CreateDirectory(Path.Combine(partial, "data"));
        await bed.RestartWombatAsync();
        await bed.Plugin.ListAsync(default);
        await Eventually.UntilAsync(() => !Directory.Exists(partial), "the partial backup is removed");
    }

    [Test]
    public async Task Drill_CutShort_IsRemovedWhenWombatStarts()
    {
        var database = await bed.CreateAsync();
        await bed.Plugin.BackUpAsync(bed.RequestFor(database), bed.Log, default);
        var request = bed.Request(new DatabaseOrigin(database.ExternalKey, database.ExternalName));
        await bed.Plugin.ProvisionAsync(request with { Spec = request.Spec with { IsThrowAway = true } }, bed.Log, default);
        var copy = bed.FolderOf(request.Resource);
        await bed.RestartWombatAsync();
        await bed.Plugin.ListAsync(default);
        await Eventually.UntilAsync(() => !Directory.Exists(copy.Path), "the throw-away database is removed");
        Assert.That(FolderProcesses.In(copy.Data, "postgres"), Is.Empty);
        Assert.That(await bed.Plugin.ScalarAsync(database, "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task PidFile_ThatNamesAnotherTenantsServer_NeverEndsThatServer()
    {
        var (one, two) = (await bed.CreateAsync(), await bed.CreateAsync());
        var other = bed.ServerOf(two);
        await bed.Plugin.DisposeAsync();
        await StopAsync(one);
        var pidFile = Path.Combine(bed.FolderOf(one).Data, "postmaster.pid");
        await File.WriteAllTextAsync(pidFile, $"{other}\n{bed.FolderOf(one).Data}\n1\n5432\n\n127.0.0.1\n1 2\nready\n");
        await bed.RestartWombatAsync();
        await bed.UntilStateAsync(one, ObservedState.Running);
        Assert.That(bed.ServerOf(two), Is.EqualTo(other));

        await bed.Plugin.DisposeAsync();
        await StopAsync(one);
        await File.WriteAllTextAsync(pidFile, $"{other}\n{bed.FolderOf(one).Data}\n1\n5432\n\n127.0.0.1\n1 2\nready\n");
        await bed.RestartWombatAsync();
        await bed.Plugin.DeprovisionAsync(one, bed.Log, default);
        Assert.That(bed.ServerOf(two), Is.EqualTo(other));
        Assert.That(await bed.Plugin.ScalarAsync(two, "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Port_TakenByAStranger_IsReportedUntilItIsFree()
    {
        var database = await bed.CreateAsync();
        var port = (await bed.Plugin.GetCredentialsAsync(database, null, default)).Port;
        await bed.Plugin.DisposeAsync();
        await StopAsync(database);
        using var stranger = new TcpListener(IPAddress.Loopback, port);
        stranger.Start();
        await bed.RestartWombatAsync();
        await bed.UntilStateAsync(database, ObservedState.Broken);
        var seen = await bed.Plugin.StatusAsync(database, default);
        Assert.That(seen.Note, Does.Contain($"Port {port} ").And.Contain("in use by another process"));
        Assert.That((await bed.Plugin.RestartAsync(database, bed.Log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That((await bed.Plugin.GetCredentialsAsync(database, null, default)).Port, Is.Not.EqualTo(port));
        Assert.That(await bed.Plugin.ScalarAsync(database, "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Port_FreedByAStranger_IsUsedAgain()
    {
        var database = await bed.CreateAsync();
        var port = (await bed.Plugin.GetCredentialsAsync(database, null, default)).Port;
        await bed.Plugin.DisposeAsync();
        await StopAsync(database);
        using (var stranger = new TcpListener(IPAddress.Loopback, port))
        {
            stranger.Start();
            await bed.RestartWombatAsync();
            await bed.UntilStateAsync(database, ObservedState.Broken);
        }

        await bed.UntilStateAsync(database, ObservedState.Running);
        Assert.That((await bed.Plugin.GetCredentialsAsync(database, null, default)).Port, Is.EqualTo(port));
    }

    [Test]
    public async Task DataDirectory_ThatWasRemoved_IsReportedAndCanBeDeprovisioned()
    {
        var database = await bed.CreateAsync();
        var folder = bed.FolderOf(database);
        Directory.Delete(folder.Data, recursive: true);
        await bed.UntilStateAsync(database, ObservedState.Missing);
        var seen = await bed.Plugin.StatusAsync(database, default);
        Assert.That(seen.Note, Is.EqualTo("Its data directory is missing, and it has no backup. Delete it."));
        Assert.That(seen.Differences!.Select(d => d.Field), Is.EqualTo(new[] { "data_directory" }));
        Assert.That(
            async () => await bed.Plugin.RestartAsync(database, bed.Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("data directory")
        );
        await bed.Plugin.DeprovisionAsync(database, bed.Log, default);
        Assert.That(FolderProcesses.In(folder.Data, "postgres"), Is.Empty);
        Assert.That(Directory.Exists(folder.Path), Is.False);
    }

    [Test]
    public async Task Wombat_ThatStartsAgain_AdoptsWhatRunsAndStartsWhatWasStopped()
    {
        var (one, two) = (await bed.CreateAsync(), await bed.CreateAsync());
        var server = bed.ServerOf(one);
        await bed.Plugin.DisposeAsync();
        await StopAsync(two);
        await bed.RestartWombatAsync();
        await bed.UntilStateAsync(two, ObservedState.Running);
        Assert.That(bed.ServerOf(one), Is.EqualTo(server));
        Assert.That(await bed.Plugin.ScalarAsync(two, "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Trash_OfWhatIsGoneOrIncomplete_Succeeds()
    {
        var request = bed.Request();
        await bed.Plugin.TrashAsync(request, bed.Log, default);
        var database = await bed.CreateAsync();
        await bed.Plugin.DisposeAsync();
        var folder = bed.FolderOf(database);
        folder.Update(folder.Read()!, i => i with { Phase = InstancePhase.Creating });
        await bed.RestartWombatAsync();
        await bed.Plugin.TrashAsync(bed.RequestFor(database), bed.Log, default);
        Assert.That(FolderProcesses.In(folder.Data, "postgres"), Is.Empty);
        Assert.That(
            async () => await bed.Plugin.UndeleteAsync(bed.RequestFor(database), bed.Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Conflict)
        );
    }

    [Test]
    public async Task Databases_PreparedAhead_AreUsedAndReplaced()
    {
        await bed.Plugin.DisposeAsync();
        bed.Options = bed.Options with { Prepared = 2 };
        var prepared = Path.Combine(bed.Options.Folder, ".prepared");
        Directory.CreateDirectory(Path.Combine(prepared, "new-left-behind", "data"));
        await bed.RestartWombatAsync();
        await bed.Plugin.ListAsync(default);
        await Eventually.UntilAsync(() => Ready().Length == 2, "two databases are prepared");
        var identifiers = Ready().Select(p => DataDirectory.ReadSystemIdentifier(new InstanceFolder(p))).ToList();
        Assert.That(identifiers, Is.Unique);
        var databases = await Task.WhenAll(bed.CreateAsync(), bed.CreateAsync());
        Assert.That(
            databases.Select(d => DataDirectory.ReadSystemIdentifier(bed.FolderOf(d))),
            Is.EquivalentTo(identifiers),
            "a prepared database was not used, or was used twice"
        );
        await Eventually.UntilAsync(() => Ready().Length == 2, "others are prepared in their place");
        Assert.That(Directory.Exists(Path.Combine(prepared, "new-left-behind")), Is.False);

        string[] Ready() =>
            Directory.Exists(prepared)
                ? [.. Directory.GetDirectories(prepared).Where(p => !Path.GetFileName(p).StartsWith("new-", StringComparison.Ordinal))]
                : [];
    }

    [Test]
    public async Task StopAll_ForDown_StopsEveryServer()
    {
        var (one, two) = (await bed.CreateAsync(), await bed.CreateAsync());
        await bed.Plugin.DisposeAsync();
        Assert.That(await bed.Plugin.StopAllAsync(default), Is.EqualTo(2));
        foreach (var database in new[] { one, two })
        {
            Assert.That(FolderProcesses.In(bed.FolderOf(database).Data, "postgres"), Is.Empty);
        }
    }

    [Test]
    public async Task Provision_CutShortAtAnyPoint_IsCompletedByTheNext()
    {
        for (var delay = 0; delay <= 1200; delay += 400)
        {
            var request = bed.Request();
            using (var cancel = new CancellationTokenSource(delay))
            {
                try
                {
                    await bed.Plugin.ProvisionAsync(request, bed.Log, cancel.Token);
                }
                catch (OperationCanceledException)
                {
                    // Cut short.
                }
            }

            await bed.RestartWombatAsync();
            var made = await bed.Plugin.ProvisionAsync(request, bed.Log, default);
            Assert.That(made.State, Is.EqualTo(ObservedState.Running), $"after {delay} ms: {made.Note}");
            var database = request.Resource with { ExternalId = made.ExternalId };
            Assert.That(await bed.Plugin.ScalarAsync(database, "select 1"), Is.EqualTo(1));
            await bed.Plugin.DeprovisionAsync(database, bed.Log, default);
        }

        Assert.That(Directory.GetDirectories(bed.Options.Folder, "wombat-*"), Is.Empty);
    }

    [Test]
    public async Task Provision_KilledBetweenTwoSteps_LosesNothing()
    {
        var database = await bed.CreateAsync();
        var folder = bed.FolderOf(database);
        var before = await bed.Plugin.GetCredentialsAsync(database, null, default);

        // As a Wombat that was killed before the last step has left it.
        foreach (var port in new[] { before.Port, 0 })
        {
            await bed.Plugin.DisposeAsync();
            folder.Update(folder.Read()!, i => i with { Phase = InstancePhase.Creating, Port = port });
            if (port == 0)
            {
                await StopAsync(database);
            }

            await bed.RestartWombatAsync();
            var request = bed.RequestFor(database);
            Assert.That((await bed.Plugin.ProvisionAsync(request, bed.Log, default)).State, Is.EqualTo(ObservedState.Running));
            Assert.That((await bed.Plugin.GetCredentialsAsync(database, null, default)).Password, Is.EqualTo(before.Password));
            Assert.That(await bed.Plugin.ScalarAsync(database, "select 1"), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Rotate_KilledBetweenTwoSteps_LosesNoPassword()
    {
        var database = await bed.CreateAsync();
        var folder = bed.FolderOf(database);
        await bed.Plugin.SaveUserAsync(database, new DatabaseUserSpec("ann", DatabaseRole.ReadOnly), bed.Log, default);
        foreach (var user in new[] { StoredCredentials.Own, "ann" })
        {
            var name = user.Length == 0 ? null : user;
            var stored = folder.ReadCredentials();
            var login = stored.Find(user)!;
            var next = new StoredLogin(user.Length == 0 ? TenantRoles.SecondLogin : user, "A-chosen-password-of-the-rotation");
            folder.Write(stored.With(user, login with { Next = next }));
            Assert.That(await bed.Plugin.ScalarAsync(database, "select 1", name), Is.EqualTo(1));
            await bed.Plugin.RotateAsync(database, name, endSessions: false, bed.Log, default);
            Assert.That(await bed.Plugin.ScalarAsync(database, "select 1", name), Is.EqualTo(1));
            Assert.That(folder.ReadCredentials().Find(user)!.Next, Is.Null);
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task FreezeOrUnfreeze_KilledBeforeTheRestart_IsCompletedByTheNext(bool freeze)
    {
        var database = await bed.CreateAsync();
        var folder = bed.FolderOf(database);
        await bed.Plugin.ExecuteAsync(database, "create table t (a int)");
        if (!freeze)
        {
            await bed.Plugin.FreezeAsync(database, "audit", bed.Log, default);
        }

        folder.Update(folder.Read()!, i => i with { Frozen = freeze ? new Freeze(FreezeCause.Request, "audit") : null });
        var seen = freeze
            ? await bed.Plugin.FreezeAsync(database, "audit", bed.Log, default)
            : await bed.Plugin.UnfreezeAsync(database, bed.Log, default);
        Assert.That(seen.State, Is.EqualTo(freeze ? ObservedState.Frozen : ObservedState.Running));
        if (freeze)
        {
            Assert.That(
                async () => await bed.Plugin.ExecuteAsync(database, "insert into t values (1)"),
                Throws.TypeOf<PostgresException>().With.Property("SqlState").EqualTo(PostgresErrorCodes.ReadOnlySqlTransaction)
            );
        }
        else
        {
            await bed.Plugin.ExecuteAsync(database, "insert into t values (1)");
        }
    }

    [Test]
    public async Task Disk_AboveItsLimit_MakesTheDatabaseReadOnlyWithAWayOut()
    {
        bed.Tier = bed.Tier with { StorageMib = 64, BackupSchedule = null };
        var database = await bed.CreateAsync();
        await bed.Plugin.ExecuteAsync(
            database,
            "create table big as select g, repeat(md5(g::text), 40) as filler from generate_series(1, 40000) g"
        );
        await bed.UntilStateAsync(database, ObservedState.Frozen);
        var seen = await bed.Plugin.StatusAsync(database, default);
        Assert.That(seen.Note, Does.Contain("64 MiB of disk").And.Contain("Resize"));
        Assert.That((await bed.Plugin.UnfreezeAsync(database, bed.Log, default)).State, Is.Not.EqualTo(ObservedState.Frozen));
        await bed.Plugin.ExecuteAsync(database, "drop table big");
        var resized = await bed.ResizeAsync(database, bed.Tier with { StorageMib = 2048 });
        Assert.That(resized.State, Is.Not.EqualTo(ObservedState.Frozen));
        await bed.UntilStateAsync(database, ObservedState.Running);
    }

    [Test]
    public async Task Disk_OfTheWalArchive_CountsUntilThereIsClearlyRoom()
    {
        // So large that a segment of WAL more or less is not between two thresholds.
        const int StorageMib = 1024;
        bed.Tier = bed.Tier with { StorageMib = StorageMib, BackupSchedule = null };
        var database = await bed.CreateAsync();
        var archive = bed.FolderOf(database).Archives;
        var filler = Path.Combine(archive, "filler");
        var sparse = Path.Combine(archive, "sparse");
        await using (var file = File.Create(sparse))
        {
            file.SetLength(1L << 30);
        }

        Allocate(filler, (long)StorageMib << 20);
        await bed.UntilStateAsync(database, ObservedState.Frozen);
        Assert.That((await bed.Plugin.StatusAsync(database, default)).Note, Does.Contain("WAL archive 10"));

        // Between 90 % and 97 %, too little is free.
        var others = DiskUsage.Measure(bed.FolderOf(database).Data) + DiskUsage.Measure(archive) - ((long)StorageMib << 20);
        Allocate(filler + "-less", ((long)StorageMib << 20) * 94 / 100 - others);
        File.Delete(filler);
        var usage = new DiskWatch(bed.Options, new DiskUsage(TimeProvider.System), TimeProvider.System);
        var frozen = bed.FolderOf(database).Read()!;
        Assert.That(usage.FindFreeze(bed.FolderOf(database), frozen), Is.Not.Null);
        Assert.That(usage.FindFreeze(bed.FolderOf(database), frozen with { Frozen = null }), Is.Null, "it was not read-only before");
        File.Delete(filler + "-less");
        await bed.UntilStateAsync(database, ObservedState.Running);
    }

    private static void Allocate(string file, long bytes) =>
        new FileStream(
            file,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                PreallocationSize = bytes,
            }
        ).Dispose();

    [Test]
    public async Task Disk_OfTheMachineAlmostFull_MakesDatabasesReadOnlyUntilThereIsSpace()
    {
        var database = await bed.CreateAsync();
        await bed.Plugin.DisposeAsync();
        var free = (int)(new DriveInfo(bed.Folder.Path).AvailableFreeSpace >> 20);
        bed.Options = bed.Options with { MinFreeMib = free * 2 };
        await bed.RestartWombatAsync();
        await bed.UntilStateAsync(database, ObservedState.Frozen);
        Assert.That((await bed.Plugin.StatusAsync(database, default)).Note, Does.Contain("disk of the machine"));
        Assert.That(
            (await bed.Plugin.FindObjectionsAsync(bed.Request().Spec, default)).Where(o => o.Prevents).Select(o => o.Message),
            Has.One.Contains("MiB of disk are free")
        );
        bed.Options = bed.Options with { MinFreeMib = 0 };
        await bed.RestartWombatAsync();
        await bed.UntilStateAsync(database, ObservedState.Running);
    }

    [Test]
    public async Task Programs_ThatAreMissing_AreReportedWhenTheyAreNeeded()
    {
        await bed.Plugin.DisposeAsync();
        bed.Options = bed.Options with { Binaries = ["/nowhere"] };
        await bed.RestartWombatAsync();
        await bed.Plugin.InitializeAsync(default);
        var health = await bed.Plugin.HealthAsync(default);
        Assert.That(health.Healthy, Is.False);
        Assert.That(health.Message, Does.Contain("not installed"));
        Assert.That((await bed.Plugin.FindObjectionsAsync(bed.Request().Spec, default)).Count(o => o.Prevents), Is.EqualTo(1));
        Assert.That(
            async () => await bed.CreateAsync(),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Invalid)
        );
        Assert.That((await bed.Plugin.ListAsync(default)).All, Is.Empty);
    }

    [Test]
    public async Task Objections_OfWhatIsNotThereOrNotEnforced_AreFound()
    {
        bed.Tier = bed.Tier with
        {
            PostgresVersion = 9,
            Instances = 3,
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["archive_command"] = "true" },
        };
        var found = await bed.Plugin.FindObjectionsAsync(bed.Request().Spec, default);
        Assert.That(found.Where(o => o.Prevents).Select(o => o.Message), Has.One.Contains("PostgreSQL 9 is not installed"));
        Assert.That(found.Where(o => o.Prevents).Select(o => o.Message), Has.One.Contains("archive_command"));
        var warnings = found.Where(o => !o.Prevents).Select(o => o.Message).ToList();
        Assert.That(warnings, Has.One.Contains("standbys"));
        Assert.That(warnings.Any(w => w.Contains("control groups", StringComparison.Ordinal)), Is.EqualTo(ControlGroups.Find() is null));
    }

    [Test]
    public async Task Settings_OfATierThatPostgresRefuses_AreNotKept()
    {
        var database = await bed.CreateAsync();
        TierSpec With(string workMemory) =>
            bed.Tier with
            {
                Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["work_mem"] = workMemory },
            };
        Assert.That(async () => await bed.ResizeAsync(database, With("many")), Throws.TypeOf<ExternalSystemException>());
        Assert.That(await bed.Plugin.ScalarAsync(database, "select 1"), Is.EqualTo(1));
        await bed.ResizeAsync(database, With("3MB"));
        Assert.That(await bed.Plugin.ScalarAsync(database, "select current_setting('work_mem')"), Is.EqualTo("3MB"));
    }

    // As after a reboot: the server has stopped, and no Wombat looks after it.
    private async Task StopAsync(ResourceRef database)
    {
        var folder = bed.FolderOf(database);
        var installation = await new PostgresInstallations(bed.Options).GetAsync(null, default);
        await new InstanceServer(folder, installation).StopAsync(default);
    }
}
