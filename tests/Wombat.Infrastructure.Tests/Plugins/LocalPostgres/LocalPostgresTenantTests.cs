using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.LocalPostgres;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.LocalPostgres;

/// <summary>What the owner of a database and other accounts of the machine cannot do.</summary>
public sealed class LocalPostgresTenantTests
{
    private LocalPostgresBed bed = null!;
    private ResourceRef database = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        bed = new LocalPostgresBed { };
        bed.Tier = bed.Tier with { MaxConnections = 6 };
        database = await bed.CreateAsync();
    }

    [OneTimeTearDown]
    public Task Stop() => bed.DisposeAsync().AsTask();

    [TestCase("copy (select 1) to program 'id'")]
    [TestCase("copy (select 1) to '/tmp/x'")]
    [TestCase("select pg_read_file('/etc/passwd')")]
    [TestCase("select lo_import('/etc/passwd')")]
    [TestCase("alter system set work_mem = '1GB'")]
    [TestCase("create role eve")]
    [TestCase("create database eve")]
    [TestCase("drop database app")]
    [TestCase("alter database app rename to eve")]
    [TestCase("alter database app with allow_connections false")]
    [TestCase("alter database postgres with allow_connections false")]
    [TestCase("set temp_file_limit = -1")]
    [TestCase("alter role app_a connection limit 500")]
    [TestCase("alter role app_a superuser")]
    [TestCase("set session authorization postgres")]
    [TestCase("set role postgres")]
    [TestCase("select rolpassword from pg_authid")]
    [TestCase("select pg_switch_wal()")]
    [TestCase("select pg_create_physical_replication_slot('x')")]
    [TestCase("create extension plpython3u")]
    public void Owner_MayNot(string sql)
    {
        Assert.That(async () => await bed.Plugin.ExecuteAsync(database, sql), Throws.TypeOf<PostgresException>());
        Assert.That(async () => await bed.Plugin.ExecuteAsync(database, $"set role none; {sql}"), Throws.TypeOf<PostgresException>());
    }

    [TestCase("pgcrypto")]
    [TestCase("pg_trgm")]
    [TestCase("citext")]
    public async Task Owner_MayCreateTrustedExtensions(string name) =>
        await bed.Plugin.ExecuteAsync(database, $"create extension if not exists {name}");

    [TestCase("postgres")]
    [TestCase("template1")]
    public async Task Owner_CannotEnterAnotherDatabase(string name)
    {
        var credentials = await bed.Plugin.GetCredentialsAsync(database, null, default);
        Assert.That(
            async () =>
                await DatabaseClient.ScalarAsync(DatabaseClient.ConnectionString(credentials with { DatabaseName = name }), "select 1"),
            Throws.TypeOf<PostgresException>()
        );
    }

    [Test]
    public async Task Connection_WithoutTlsOrAsSuperuser_IsRefused()
    {
        var credentials = await bed.Plugin.GetCredentialsAsync(database, null, default);
        var plain = new NpgsqlConnectionStringBuilder(DatabaseClient.ConnectionString(credentials)) { SslMode = SslMode.Disable };
        Assert.That(async () => await DatabaseClient.ScalarAsync(plain.ConnectionString, "select 1"), Throws.TypeOf<PostgresException>());
        Assert.That(
            async () =>
                await DatabaseClient.ScalarAsync(DatabaseClient.ConnectionString(credentials with { User = "postgres" }), "select 1"),
            Throws.InstanceOf<NpgsqlException>()
        );
        await using var session = await bed.Plugin.OpenAsync(database);
        Assert.That(await session.ScalarAsync("set role none; select ssl from pg_stat_ssl where pid = pg_backend_pid()"), Is.True);
    }

    [Test]
    public async Task Connections_OfAllUsers_StayWithinTheTier()
    {
        await bed.Plugin.SaveUserAsync(database, new DatabaseUserSpec("ann", DatabaseRole.ReadOnly), bed.Log, default);
        await bed.Plugin.ExecuteAsync(database, "alter database app connection limit 100");
        var (own, ann) = (
            DatabaseClient.ConnectionString(await bed.Plugin.GetCredentialsAsync(database, null, default)),
            DatabaseClient.ConnectionString(await bed.Plugin.GetCredentialsAsync(database, "ann", default))
        );
        var open = new List<NpgsqlConnection>();
        try
        {
            for (var i = 0; i < bed.Tier.MaxConnections; i++)
            {
                open.Add(new NpgsqlConnection(i % 2 == 0 ? own : ann));
                await open[^1].OpenAsync();
            }

            await using var surplus = new NpgsqlConnection(own);
            Assert.That(
                async () => await surplus.OpenAsync(),
                Throws.TypeOf<PostgresException>().With.Property("SqlState").EqualTo(PostgresErrorCodes.TooManyConnections)
            );

            // Wombat still works with it.
            Assert.That((await bed.Plugin.GetCredentialsAsync(database, null, default)).User, Is.Not.Empty);
        }
        finally
        {
            foreach (var connection in open)
            {
                await connection.DisposeAsync();
            }
        }
    }

    [Test]
    public async Task Memory_OfASession_IsLimited()
    {
        Assert.That(
            async () =>
                await bed.Plugin.ExecuteAsync(
                    database,
                    "select length(array_agg(repeat('x', 1000000) || g)::text) from generate_series(1, 900) g"
                ),
            Throws.InstanceOf<NpgsqlException>()
        );
        Assert.That(await bed.Plugin.ScalarAsync(database, "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Memory_OfAllSessions_IsLimitedByTheTier()
    {
        Assume.That(ControlGroups.Find(), Is.Not.Null, "this account may not create control groups");
        var groups = await File.ReadAllTextAsync($"/proc/{bed.ServerOf(database)}/cgroup");
        Assert.That(groups, Does.Contain(database.ExternalKey));

        const string Hungry = """
            do $$ declare s text := (select string_agg(repeat(md5(random()::text), 31250), '') from generate_series(1, 60));
            begin perform pg_sleep(3); perform length(s); end $$
            """;
        var sessions = Enumerable.Range(0, 5).Select(_ => FailsAsync(Hungry));
        Assert.That(await Task.WhenAll(sessions), Has.Some.True);
        await Eventually.UntilAsync(async () => !await FailsAsync("select 1"), "the server has recovered");
        Assert.That(await File.ReadAllTextAsync($"/proc/{bed.ServerOf(database)}/cgroup"), Does.Contain(database.ExternalKey));
    }

    private async Task<bool> FailsAsync(string sql)
    {
        try
        {
            await bed.Plugin.ExecuteAsync(database, sql);
            return false;
        }
        catch (Exception e) when (e is NpgsqlException or ExternalSystemException)
        {
            return true;
        }
    }

    [Test]
    public async Task Password_ThatTheUserChanged_IsSetAgainByReveal()
    {
        var credentials = await bed.Plugin.GetCredentialsAsync(database, null, default);
        await bed.Plugin.ExecuteAsync(database, $"set role none; alter role {credentials.User} password 'mine'");
        Assert.That(await bed.Plugin.ScalarAsync(database, "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task ReadOnlyUser_CannotCreateAnything()
    {
        await bed.Plugin.SaveUserAsync(database, new DatabaseUserSpec("reader", DatabaseRole.ReadOnly), bed.Log, default);
        foreach (var sql in new[] { "create temp table t (a int)", "select lo_from_bytea(0, 'x')", "create schema s" })
        {
            Assert.That(
                async () => await bed.Plugin.ExecuteAsync(database, sql, "reader"),
                Throws.TypeOf<PostgresException>().With.Property("SqlState").EqualTo(PostgresErrorCodes.InsufficientPrivilege),
                sql
            );
        }
    }

    [Test]
    public async Task Files_AreClosedToOtherAccounts()
    {
        var folder = bed.FolderOf(database);
        Assert.That(File.GetUnixFileMode(folder.CredentialsFile), Is.EqualTo(PrivateFiles.FileMode));
        Assert.That(File.GetUnixFileMode(folder.ServerCertificate), Is.EqualTo(PrivateFiles.FileMode));
        Assert.That(File.GetUnixFileMode(Path.Combine(bed.Options.Folder, "ca.key")), Is.EqualTo(PrivateFiles.FileMode));
        Assert.That(File.GetUnixFileMode(folder.Socket), Is.EqualTo(PrivateFiles.FolderMode));
        Assert.That(File.GetUnixFileMode(folder.Data), Is.EqualTo(PrivateFiles.FolderMode));

        // Even an account that reaches the socket is not admitted.
        var sockets = Directory
            .GetFileSystemEntries(folder.Socket, ".s.PGSQL.*")
            .Where(s => !s.EndsWith(".lock", StringComparison.Ordinal));
        Assert.That(sockets.Count(), Is.EqualTo(1));
        var rules = await File.ReadAllLinesAsync(Path.Combine(folder.Data, "pg_hba.conf"));
        Assert.That(
            rules.Where(r => r.StartsWith("local", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "local all all peer map=wombat" })
        );
        Assert.That(rules, Has.None.Contains("trust"));
    }

    [Test]
    public async Task Secrets_AreInNoLogAndNoMetadata()
    {
        var credentials = await bed.Plugin.GetCredentialsAsync(database, null, default);
        Assert.That(
            async () => await bed.Plugin.ExecuteAsync(database, $"select '{credentials.Password}'::int"),
            Throws.TypeOf<PostgresException>()
        );
        await bed.Plugin.RotateAsync(database, null, endSessions: true, bed.Log, default);
        var folder = bed.FolderOf(database);
        Assert.That(await File.ReadAllTextAsync(folder.Log), Does.Not.Contain(credentials.Password));
        Assert.That(await File.ReadAllTextAsync(folder.In("instance.json")), Does.Not.Contain(credentials.Password));
        Assert.That(bed.Log.Text, Does.Not.Contain(credentials.Password));
    }

    [Test]
    public async Task Server_IsTheOneOfThisFolder()
    {
        var folder = bed.FolderOf(database);
        Assert.That(await bed.Plugin.ScalarAsync(database, "select current_setting('cluster_name')"), Is.EqualTo(database.ExternalKey));
        await using var connection = await SuperuserConnection.OpenAsync(folder, folder.Read()!, default);
        Assert.That(
            await connection.ScalarAsync("select system_identifier::text from pg_control_system()"),
            Is.EqualTo(DataDirectory.ReadSystemIdentifier(folder))
        );
        Assert.That(await connection.ScalarAsync("select count(*) from pg_hba_file_rules where error is not null"), Is.EqualTo(0L));
        Assert.That(await connection.ScalarAsync("select current_setting('data_checksums')"), Is.EqualTo("on"));
    }
}
