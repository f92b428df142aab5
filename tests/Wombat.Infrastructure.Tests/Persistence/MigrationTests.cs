using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

/// <summary>Migrations run on databases that hold data.</summary>
public sealed class MigrationTests
{
    private const string BeforeHosts = "20261125140135_OpenOrders";

    private const string Data = """
        insert into users (id, login, full_name, platform_role, active, created_at, updated_at, version)
        values ('0199a000-0000-7000-8000-000000000001', 'ada', 'Ada Straße', 'admin', true, now(), now(), 1);
        insert into projects (id, name, unix_name, description, active, visibility, tags, created_at, updated_at, version)
        values ('0199a000-0000-7000-8000-000000000002', 'Älteste', 'oldest', '', true, 'private', '{}', now(), now(), 1);
        insert into members (project_id, user_id, role, source, created_at)
        values ('0199a000-0000-7000-8000-000000000002', '0199a000-0000-7000-8000-000000000001', 'project_manager', 'manual', now());
        insert into resources (id, kind, project_id, plugin, name, external_name, external_id, status, template, ssh_keys, created_at, updated_at, version)
        select ('0199a000-0000-7000-8000-00000000001' || n)::uuid, 'container', '0199a000-0000-7000-8000-000000000002', 'proxmox', 'c' || n, 'oldest-c' || n, n::text, 'running', 'busybox',
            case when n < 3 then array['ssh-ed25519 AAAA'] else '{}' end, now(), now(), 1
        from generate_series(1, 3) n;
        insert into events (id, at, actor, actor_id, through, action, target_type, target_id, project_id, outcome)
        values ('0199a000-0000-7000-8000-000000000020', now(), 'ada', '0199a000-0000-7000-8000-000000000001', 'session', 'project.created', 'project', '0199a000-0000-7000-8000-000000000002', '0199a000-0000-7000-8000-000000000002', 'success'),
            ('0199a000-0000-7000-8000-000000000021', now(), 'ada', '0199a000-0000-7000-8000-000000000001', 'session', 'container.requested', 'container', '0199a000-0000-7000-8000-000000000011', '0199a000-0000-7000-8000-000000000002', 'success');
        insert into audit_heads (day, position, hash, key_id, signature, signed_at) values ('2026-11-20', 1, '\x01', 'k', '\x02', now());
        insert into access_tokens (id, name, hash, scope, user_id, created_at, created_by)
        values ('0199a000-0000-7000-8000-000000000030', 't', '\x01', 'manage', '0199a000-0000-7000-8000-000000000001', now(), 'ada'),
            ('0199a000-0000-7000-8000-000000000031', 'first', '\x02', 'manage', null, now(), 'system');
        insert into ssh_keys (id, user_id, name, type, comment, fingerprint, public_key, created_at)
        values ('0199a000-0000-7000-8000-000000000040', '0199a000-0000-7000-8000-000000000001', 'k', 'ssh-ed25519', '', 'SHA256:x', 'ssh-ed25519 AAAA', now());
        insert into jobs (id, kind, queue, payload, priority, state, run_at, attempt, max_attempts, cancel_requested, requested_by, created_at)
        values ('0199a000-0000-7000-8000-000000000050', 'resource.restart', 'default', '{}', 0, 'queued', now(), 0, 5, false, 'ada', now());
        """;

    private NpgsqlDataSource database = null!;
    private WombatDbContext context = null!;

    [SetUp]
    public async Task Start()
    {
        var connectionString = await SharedPostgres.NewDatabaseAsync();
        database = NpgsqlDataSource.Create(connectionString);
        context = new WombatDbContext(new DbContextOptionsBuilder<WombatDbContext>().UseNpgsql(connectionString).Options);
    }

    [TearDown]
    public async Task Stop()
    {
        await context.DisposeAsync();
        await database.DisposeAsync();
    }

    [Test]
    public async Task Migrate_WithExistingData_ConvertsItAndCanBeReverted()
    {
        var migrator = context.GetService<IMigrator>();
        await migrator.MigrateAsync(BeforeHosts);
        await ScalarAsync(Data);
        var links = await ScalarAsync("select string_agg(encode(event_digest(e), 'hex'), ' ' order by e.id) from events e");
        await migrator.MigrateAsync();

        Assert.That(
            await ScalarAsync("select created_by_id::text from projects"),
            Is.EqualTo("0199a000-0000-7000-8000-000000000001"),
            "who created a project is in the audit"
        );
        Assert.That(
            await ScalarAsync("select string_agg(coalesce(right(ssh_keys_owner_id::text, 1), '-'), '' order by id) from resources"),
            Is.EqualTo("1--"),
            "keys belong to who asked for the container; nobody is known for the second, and the third has none"
        );
        Assert.That(
            await ScalarAsync("select string_agg(coalesce(right(created_by_id::text, 1), '-'), '' order by id) from access_tokens"),
            Is.EqualTo("1-")
        );
        Assert.That(
            await ScalarAsync("select string_agg(encode(event_digest(e), 'hex'), ' ' order by e.id) from events e"),
            Is.EqualTo(links),
            "the audit's chain holds as it was"
        );
        Assert.That(
            await ScalarAsync("select unix_name from projects where search_matches(unix_name || ' ' || name, 'äLTE')"),
            Is.EqualTo("oldest")
        );
        Assert.That(
            await ScalarAsync("select login from users where search_matches(login || ' ' || full_name, 'STRASSE')"),
            Is.EqualTo("ada")
        );

        await migrator.MigrateAsync(BeforeHosts);
        await migrator.MigrateAsync();
        Assert.That(await ScalarAsync("select count(*)::text from resources"), Is.EqualTo("3"));
    }

    private async Task<string?> ScalarAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync() as string;
    }
}
