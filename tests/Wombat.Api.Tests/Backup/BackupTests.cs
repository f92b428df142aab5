using System.IO.Compression;
using System.Net;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Backup;

/// <summary>The commands backup and restore: into another data directory and into an external server.</summary>
[Category("Slow")]
public sealed class BackupTests
{
    // A digest of every table for any order of rows, without transaction numbers, which belong to the server.
    private const string DigestSql = """
        select string_agg(
            t || '=' || md5(coalesce((xpath('/table/row/c/text()', query_to_xml(format(
                'select string_agg(md5((to_jsonb(x) - ''xid'' - ''next_xid'' - ''open_xids'')::text), ''''
                order by md5((to_jsonb(x) - ''xid'' - ''next_xid'' - ''open_xids'')::text)) as c from %I x', t
            ), true, false, '')))[1]::text, '')),
            ' ' order by t)
        from (select relname as t from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and not relispartition and relname not in ('hosts')) tables
        """;

    private static readonly Dictionary<string, string> Environment = new(StringComparer.Ordinal)
    {
        ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
    };

    [Test]
    public async Task Restore_IntoAnotherDataDirectory_KeepsTheAuditIntact()
    {
        using var folder = new TestFolder();
        var (first, second, file) = (
            Path.Combine(folder.Path, "first"),
            Path.Combine(folder.Path, "second"),
            Path.Combine(folder.Path, "backup.zip")
        );
        string project;
        await using (var wombat = WombatProcess.Start(first, Environment))
        {
            using var admin = await wombat.ReadyAsync(first);
            project = await FillAsync(admin);
            Assert.That(
                await RunAsync(first, Environment, "backup", file, "--include-keys"),
                Does.Contain("rows of").And.Contain("contains the key files")
            );
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            await RunAsync(first, Environment, code: 1, says: "already exists", "backup", file);
        }

        await RunAsync(second, Environment, "restore", file);
        Assert.That(
            await File.ReadAllTextAsync(Path.Combine(second, "secrets-key")),
            Is.EqualTo(await File.ReadAllTextAsync(Path.Combine(first, "secrets-key")))
        );
        Assert.That(await RunAsync(second, Environment, "audit-verify"), Does.Contain("The audit log is intact"));
        await RunAsync(second, Environment, code: 1, says: "is not empty", "restore", file);

        await RunAsync(second, Environment, "admin-token");
        await using var again = WombatProcess.Start(second, Environment);
        using var client = await again.ReadyAsync(second);
        Assert.That((await client.GetAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            (await client.GetAsync("/api/v1/projects?tag=kept")).Body!["items"]!.AsArray(),
            Has.Count.EqualTo(1),
            "the derived rows were restored"
        );
        Assert.That(
            (await client.PatchAsync($"/api/v1/projects/{project}", """{"tags":["changed"]}""")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        Assert.That(
            (await client.GetAsync("/api/v1/projects?tag=changed")).Body!["items"]!.AsArray(),
            Has.Count.EqualTo(1),
            "the triggers are enabled"
        );
        Assert.That(
            await RunAsync(second, Environment, "audit-verify"),
            Does.Contain("The audit log is intact"),
            "new events extend the chain"
        );
    }

    [Test]
    public async Task Restore_IntoAnExternalServer_CopiesEveryRow()
    {
        using var folder = new TestFolder();
        var (from, to) = (
            await SharedPostgres.NewMigratedDatabaseAsync(),
            await AsPlainOwnerAsync(await SharedPostgres.NewDatabaseAsync())
        );
        var file = Path.Combine(folder.Path, "backup.zip");
        await using (var server = WombatProcess.Start(folder.Path, With(from)))
        {
            using var admin = await server.ReadyAsync(folder.Path);
            await FillAsync(admin);
        }

        // A past month gets its partition again.
        await ExecuteAsync(from, "select ensure_event_partition('2026-03-01')");
        Assert.That(
            await RunAsync(folder.Path, With(from), "backup", file),
            Does.Contain("secrets-key").And.Contain("audit-key.pem").And.Contain("Keep copies of them elsewhere")
        );
        Assert.That(await RunAsync(folder.Path, With(to), "restore", file), Does.Contain("The backup contains no key files"));
        Assert.That(await ScalarAsync(to, DigestSql), Is.EqualTo(await ScalarAsync(from, DigestSql)));
        Assert.That(await ScalarAsync(to, "select to_regclass('events_2026_03')::text"), Is.EqualTo("events_2026_03"));
        Assert.That(await ScalarAsync(to, "select count(*)::text from pg_trigger where tgenabled = 'D'"), Is.EqualTo("0"));
        Assert.That(await RunAsync(folder.Path, With(to), "audit-verify"), Does.Contain("The audit log is intact"));
    }

    [Test]
    public async Task Restore_WhenBackupIsDamaged_ChangesNothing()
    {
        using var folder = new TestFolder();
        var (from, to) = (await SharedPostgres.NewMigratedDatabaseAsync(), await SharedPostgres.NewDatabaseAsync());
        await using (var server = WombatProcess.Start(folder.Path, With(from)))
        {
            using var admin = await server.ReadyAsync(folder.Path);
            await FillAsync(admin);
        }

        var file = Path.Combine(folder.Path, "backup.zip");
        await RunAsync(folder.Path, With(from), "backup", file);
        var cut = Path.Combine(folder.Path, "cut.zip");
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(file))[..^100]);
        await RunAsync(folder.Path, With(to), code: 1, says: "is not a complete Wombat backup", "restore", cut);
        var swapped = Path.Combine(folder.Path, "swapped.zip");
        File.Copy(file, swapped);
        await using (var archive = await ZipFile.OpenAsync(swapped, ZipArchiveMode.Update))
        {
            archive.GetEntry("data/projects.copy")!.Delete();
            await using var entry = await archive.CreateEntry("data/projects.copy").OpenAsync();
            await entry.WriteAsync("the archive has no rows of the table"u8.ToArray());
        }

        await RunAsync(folder.Path, With(to), code: 1, says: "the checksum of data/projects.copy is wrong", "restore", swapped);
        Assert.That(
            await ScalarAsync(to, "select coalesce(to_regclass('projects')::text, 'none')"),
            Is.EqualTo("none"),
            "nothing was created"
        );
        await RunAsync(folder.Path, With(to), "restore", file);
        Assert.That(await ScalarAsync(to, DigestSql), Is.EqualTo(await ScalarAsync(from, DigestSql)));
    }

    private static async Task<string> FillAsync(WombatClient admin)
    {
        var project = (string)
            (await admin.PostAsync("/api/v1/projects", """{"name":"Kept","unix_name":"kept","tags":["kept"]}""")).Body!["id"]!;
        await admin.CreateMemberAsync(project, "project_manager");
        await admin.DeleteAsync($"/api/v1/projects/{await admin.CreateProjectAsync()}");
        return project;
    }

    private static Dictionary<string, string> With(string connectionString) =>
        new(Environment, StringComparer.Ordinal) { ["ConnectionStrings__Wombat"] = connectionString };

    private static Task<string> RunAsync(string data, Dictionary<string, string> environment, params string[] arguments) =>
        RunAsync(data, environment, 0, "", arguments);

    private static async Task<string> RunAsync(
        string data,
        Dictionary<string, string> environment,
        int code,
        string says,
        params string[] arguments
    )
    {
        await using var command = WombatProcess.Start(data, environment, null, arguments);
        Assert.That(await command.WaitForExitAsync(), Is.EqualTo(code), command.Output);
        Assert.That(command.Output, Does.Contain(says));
        return command.Output;
    }

    // As on a managed server: the owner of the database, not a superuser.
    private static async Task<string> AsPlainOwnerAsync(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        await ExecuteAsync(
            connectionString,
            $"create role owner_of_{builder.Database} login password 'plain'; alter database {builder.Database} owner to "
                + $"owner_of_{builder.Database}"
        );
        (builder.Username, builder.Password) = ($"owner_of_{builder.Database}", "plain");
        return builder.ConnectionString;
    }

    private static Task ExecuteAsync(string connectionString, string sql) => ScalarAsync(connectionString, sql);

    private static async Task<string?> ScalarAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return (await command.ExecuteScalarAsync())?.ToString();
    }
}
