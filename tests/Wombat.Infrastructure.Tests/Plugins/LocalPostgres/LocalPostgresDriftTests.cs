using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.LocalPostgres;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.LocalPostgres;

/// <summary>What somebody changes outside Wombat is reported field by field, and repaired or adopted on request.</summary>
[Category("Slow")]
public sealed class LocalPostgresDriftTests
{
    private LocalPostgresBed bed = null!;
    private ResourceRef database = null!;

    [SetUp]
    public async Task Start()
    {
        bed = new LocalPostgresBed(o => o with { DriftInterval = TimeSpan.FromSeconds(1) });
        database = await bed.CreateAsync();
        Assert.That(await SettledAsync(), Is.Empty, "a new database differs from what was requested");
        await bed.Plugin.ExecuteAsync(database, "create table t as select 7 as a");
    }

    [TearDown]
    public Task Stop() => bed.DisposeAsync().AsTask();

    [Test]
    public async Task Settings_EditedInTheFile_AreReportedAndRepaired()
    {
        await EditAsync("postgresql.conf", c => c + "\nfsync = off # faster\nwork_mem='77MB'\n");
        var found = await UntilDriftAsync("settings.fsync", "settings.work_mem");
        Assert.That(found.Single(d => d.Field == "settings.fsync"), Is.EqualTo(new ResourceDifference("settings.fsync", null, "off")));
        Assert.That(found.Single(d => d.Field == "settings.work_mem").Actual, Is.EqualTo("77MB"));
        await RepairsAsync();
        Assert.That(await bed.Plugin.ScalarAsync(database, "select current_setting('fsync')"), Is.EqualTo("on"));
    }

    [Test]
    public async Task Settings_OfAlterSystem_AreReportedAndRepaired()
    {
        await SuperuserAsync("alter system set log_statement = 'all'");
        await UntilDriftAsync("settings.log_statement");
        await RepairsAsync();
        Assert.That(await SuperuserScalarAsync("select current_setting('log_statement')"), Is.EqualTo("none"));
    }

    [Test]
    public async Task AccessRules_Edited_AreReportedAndRepaired()
    {
        await EditAsync("pg_hba.conf", c => "host all all 0.0.0.0/0 trust\n" + c);
        var found = await UntilDriftAsync("pg_hba.conf");
        Assert.That(found.Single().Actual, Does.StartWith("host all all 0.0.0.0/0 trust"));
        await RepairsAsync();
        Assert.That(await File.ReadAllTextAsync(Path.Combine(bed.FolderOf(database).Data, "pg_hba.conf")), Does.Not.Contain("trust"));
    }

    [Test]
    public async Task Port_ChangedWithARestart_IsReportedAndRepaired()
    {
        var port = (await bed.Plugin.GetCredentialsAsync(database, null, default)).Port;
        var other = FreePort.Next();
        await EditAsync("postgresql.conf", c => c.Replace($"port = '{port}'", $"port = '{other}'", StringComparison.Ordinal));
        await StopByAStrangerAsync(startAgain: true);
        var found = await UntilDriftAsync("port", "server.port");
        Assert.That(found.Select(d => d.Actual), Has.All.EqualTo($"{other}"));
        await RepairsAsync();
        Assert.That((await bed.Plugin.GetCredentialsAsync(database, null, default)).Port, Is.EqualTo(port));
    }

    [Test]
    public async Task Server_StoppedByAStranger_RunsAgainByItself()
    {
        var server = bed.ServerOf(database);
        await StopByAStrangerAsync(startAgain: false);
        await Eventually.UntilAsync(
            async () =>
                (await bed.Plugin.ListAsync(default)).Find(database).State == ObservedState.Running
                && bed.FindServer(database) is { } now
                && now != server,
            "the server runs again"
        );
        Assert.That(await bed.Plugin.ScalarAsync(database, "select a from t"), Is.EqualTo(7));
    }

    [Test]
    public async Task DataDirectory_Removed_IsMissingAndRestoredFromTheBackupOnRequest()
    {
        await bed.Plugin.BackUpAsync(bed.RequestFor(database), bed.Log, default);
        await bed.Plugin.ExecuteAsync(database, "insert into t values (8)");
        await bed.Plugin.FindRestorableAsync(database, default);
        Directory.Delete(bed.FolderOf(database).Data, recursive: true);
        await bed.UntilStateAsync(database, ObservedState.Missing);
        var seen = (await bed.Plugin.ListAsync(default)).Find(database);
        Assert.That(seen.Differences, Is.EqualTo(new[] { new ResourceDifference("data_directory", "present", null) }));
        await RepairsAsync();
        Assert.That(await bed.Plugin.ScalarAsync(database, "select count(*) from t"), Is.EqualTo(2L));
        await bed.Plugin.ExecuteAsync(database, "insert into t values (9)");
        Assert.That((await bed.Plugin.FindRestorableAsync(database, default)).LastRestorableAt, Is.Not.Null);
        var folder = bed.FolderOf(database);
        Assert.That(new BackupCatalog(folder).HasBackupIn(folder.Read()!.ArchiveName), Is.True, "later commits can be restored");
    }

    [Test]
    public async Task Restore_OfADatabaseWhoseUserHasExpired_IsNoDrift()
    {
        var expires = TimeProvider.System.GetUtcNow().AddSeconds(2);
        await bed.Plugin.SaveUserAsync(database, new DatabaseUserSpec("short", DatabaseRole.ReadOnly, expires), bed.Log, default);
        await Eventually.UntilAsync(() => TimeProvider.System.GetUtcNow() > expires.AddSeconds(3), "the user has expired");
        await bed.Plugin.BackUpAsync(bed.RequestFor(database), bed.Log, default);
        database = await bed.CreateAsync(new DatabaseOrigin(database.ExternalKey, "orders"));
        Assert.That(await SettledAsync(), Is.Empty);
    }

    [Test]
    public async Task DataDirectory_RemovedWithoutABackup_CannotBeRepaired()
    {
        Directory.Delete(bed.FolderOf(database).Data, recursive: true);
        await bed.UntilStateAsync(database, ObservedState.Missing);
        Assert.That(
            async () => await bed.Plugin.RepairAsync(bed.RequestFor(database), bed.Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("has no backup")
        );
    }

    [Test]
    public async Task Roles_ChangedByASuperuser_AreReportedAndRepaired()
    {
        await bed.Plugin.SaveUserAsync(database, new DatabaseUserSpec("ann", DatabaseRole.ReadOnly), bed.Log, default);
        Assert.That(await SettledAsync(), Is.Empty);
        await SuperuserAsync("alter role app superuser");
        await SuperuserAsync("revoke app from app_a");
        await SuperuserAsync("grant app to ann");
        await SuperuserAsync("create role mallory superuser login");
        await SuperuserAsync("grant connect on database postgres to public");
        var found = await UntilDriftAsync("roles.app", "roles.app_a", "roles.ann", "roles.mallory", "database.postgres.connect");
        Assert.That(
            found.Single(d => d.Field == "roles.app"),
            Is.EqualTo(new ResourceDifference("roles.app", "no login", "no login, superuser"))
        );
        Assert.That(
            found.Single(d => d.Field == "roles.ann"),
            Is.EqualTo(new ResourceDifference("roles.ann", "login, member of app_read_only", "login, member of app and app_read_only"))
        );
        Assert.That(
            found.Single(d => d.Field == "roles.mallory"),
            Is.EqualTo(new ResourceDifference("roles.mallory", null, "login, superuser"))
        );
        await RepairsAsync();
        Assert.That(await bed.Plugin.ScalarAsync(database, "select a from t", "ann"), Is.EqualTo(7));
        await bed.Plugin.ExecuteAsync(database, "drop table t");
    }

    [Test]
    public async Task Roles_OfOrdinaryUse_AreNoDrift()
    {
        await bed.Plugin.RotateAsync(database, null, endSessions: true, bed.Log, default);
        var expires = TimeProvider.System.GetUtcNow().AddSeconds(2);
        await bed.Plugin.SaveUserAsync(database, new DatabaseUserSpec("short", DatabaseRole.Owner, expires), bed.Log, default);
        await bed.Plugin.ExecuteAsync(database, "alter database app connection limit 5");
        await bed.Plugin.ExecuteAsync(database, "alter role current_user password 'own'");
        await Eventually.UntilAsync(() => TimeProvider.System.GetUtcNow() > expires.AddSeconds(3), "the user has expired");
        Assert.That(await SettledAsync(), Is.Empty);
        await bed.Plugin.FreezeAsync(database, "audit", bed.Log, default);
        Assert.That(await SettledAsync(), Is.Empty);
    }

    [Test]
    public async Task Freeze_UndoneByAStranger_IsReportedAndRepaired()
    {
        await bed.Plugin.FreezeAsync(database, "audit", bed.Log, default);
        File.Delete(bed.FolderOf(database).StandbySignal);
        await StopByAStrangerAsync(startAgain: true);
        await UntilDriftAsync("read_only");
        var repaired = await bed.Plugin.RepairAsync(bed.RequestFor(database), bed.Log, default);
        Assert.That((repaired.State, repaired.Differences), Is.EqualTo((ObservedState.Frozen, Array.Empty<ResourceDifference>())));
        Assert.That(
            async () => await bed.Plugin.ExecuteAsync(database, "insert into t values (1)"),
            Throws.TypeOf<PostgresException>().With.Property("SqlState").EqualTo(PostgresErrorCodes.ReadOnlySqlTransaction)
        );
    }

    [Test]
    public async Task Adopt_OfASetting_KeepsItAndLeavesTheRest()
    {
        await SuperuserAsync("alter system set work_mem = '9MB'");
        await SuperuserAsync("alter system set fsync = off");
        var found = await UntilDriftAsync("settings.work_mem", "settings.fsync");
        bed.Tier = bed.Tier.TryAdopt(found.Single(d => d.Field == "settings.work_mem"))!;
        Assert.That(bed.Tier.CanAdopt(found.Single(d => d.Field == "settings.fsync")), Is.False);
        var adopted = await bed.Plugin.AdoptAsync(bed.RequestFor(database), bed.Log, default);
        Assert.That(adopted.Differences!.Select(d => d.Field), Is.EqualTo(new[] { "settings.fsync" }));
        await RepairsAsync();
        Assert.That(await bed.Plugin.ScalarAsync(database, "select current_setting('work_mem')"), Is.EqualTo("9MB"));
        Assert.That(await bed.Plugin.ScalarAsync(database, "select current_setting('fsync')"), Is.EqualTo("on"));
    }

    private async Task RepairsAsync()
    {
        var repaired = await bed.Plugin.RepairAsync(bed.RequestFor(database), bed.Log, default);
        Assert.That(
            (repaired.State, repaired.Differences),
            Is.EqualTo((ObservedState.Running, Array.Empty<ResourceDifference>())),
            repaired.Note
        );
        Assert.That(await SettledAsync(), Is.Empty, "it still differs");
        Assert.That(await bed.Plugin.ScalarAsync(database, "select 1"), Is.EqualTo(1));
    }

    private async Task<IReadOnlyList<ResourceDifference>> UntilDriftAsync(params string[] fields) =>
        (
            await Eventually.GetAsync(
                async () => (await bed.Plugin.ListAsync(default)).Find(database),
                o => o.Differences is { } found && fields.Order().SequenceEqual(found.Select(d => d.Field).Order()),
                $"{string.Join(", ", fields)} differ"
            )
        ).Differences!;

    // What the inspection after this moment finds.
    private async Task<IReadOnlyList<ResourceDifference>> SettledAsync()
    {
        await bed.Plugin.ListAsync(default);
        var from = TimeProvider.System.GetTimestamp();
        return (
            await Eventually.GetAsync(
                async () => (await bed.Plugin.ListAsync(default)).Find(database),
                o => o.Differences is not null && TimeProvider.System.GetElapsedTime(from) > TimeSpan.FromSeconds(4),
                "the database is inspected"
            )
        ).Differences!;
    }

    private async Task EditAsync(string name, Func<string, string> edit)
    {
        var path = Path.Combine(bed.FolderOf(database).Data, name);
        await File.WriteAllTextAsync(path, edit(await File.ReadAllTextAsync(path)));
    }

    private async Task SuperuserAsync(string sql)
    {
        await using var connection = await SuperuserConnection.OpenAsync(bed.FolderOf(database), bed.FolderOf(database).Read()!, default);
        await connection.ScalarAsync(sql);
    }

    private async Task<object?> SuperuserScalarAsync(string sql)
    {
        await using var connection = await SuperuserConnection.OpenAsync(bed.FolderOf(database), bed.FolderOf(database).Read()!, default);
        return await connection.ScalarAsync(sql);
    }

    private async Task StopByAStrangerAsync(bool startAgain)
    {
        // A Wombat that looks after it would be faster.
        await bed.Plugin.DisposeAsync();
        var server = new InstanceServer(bed.FolderOf(database), await new PostgresInstallations(bed.Options).GetAsync(null, default));
        await server.StopAsync(default);
        if (startAgain)
        {
            await server.StartAsync(null, ServerMode.Normal, default);
        }

        await bed.RestartWombatAsync();
    }
}
