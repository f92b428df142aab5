using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Persistence;

/// <summary>
/// Rows are locked in one order (projects, users, tokens, jobs, resources), so that no two changes wait for each other. No worker runs
/// here.
/// </summary>
public sealed class LockOrderTests
{
    private const string Cli = """
        case "$1" in
        health) echo '{"healthy":true,"message":"fine"}';;
        templates) echo '[{"name":"quick","description":"","accepts_ssh_keys":true,"changes_ssh_keys":true}]';;
        list) echo '[]';;
        *) exit 2;;
        esac
        """;

    private TestServer server = null!;
    private NpgsqlDataSource beside = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLES"] = "api", ["PLUGINS_PROXMOX_DIALECT"] = "forge" },
            cli: Cli
        );
        beside = NpgsqlDataSource.Create(server.ConnectionString);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await beside.DisposeAsync();
        await server.DisposeAsync();
    }

    [Test]
    public async Task RemoveMember_WhenKeyUpdateIsLocked_HoldsNoLockOnTheContainer()
    {
        var project = await server.Client.CreateProjectAsync();
        var (developer, user) = await server.Client.CreateMemberAsync(project, "developer");
        using var one = developer;
        var (path, _) = await developer.CreateContainerAsync(
            project,
            "quick",
            $$""","ssh_keys":["{{SshTestKey.Line("given", "given")}}"]"""
        );
        Assert.That(
            (int)
                (
                    await developer.PostAsync($"/api/v1/users/{user}/ssh-keys", $$"""{"public_key":"{{SshTestKey.Line("own", "own")}}"}""")
                ).Status,
            Is.EqualTo(201)
        );

        await BlockedAsync(
            $"select 1 from jobs where kind = 'resource.keys' and project_id = '{project}' for no key update",
            () => server.Client.DeleteAsync($"/api/v1/projects/{project}/members/{user}"),
            () => LockAsync($"select 1 from resources where id = '{path.Split('/')[^1]}' for no key update nowait")
        );
    }

    [Test]
    public async Task DeactivateUser_WhenTokensAreLocked_HoldsTheLockOnTheUser()
    {
        var (member, user) = await server.Client.CreateMemberAsync();
        using var one = member;
        await BlockedAsync(
            $"select 1 from access_tokens where user_id = '{user}' for no key update",
            () => server.Client.PatchAsync($"/api/v1/users/{user}", """{"active":false}"""),
            () =>
                Assert.ThatAsync(
                    () => LockAsync($"select 1 from users where id = '{user}' for no key update nowait"),
                    Throws.TypeOf<PostgresException>().With.Property("SqlState").EqualTo(PostgresErrorCodes.LockNotAvailable)
                )
        );
    }

    /// <summary>Sends the request while rows that it needs are locked, and checks once it waits for them.</summary>
    private async Task BlockedAsync(string locks, Func<Task<Answer>> request, Func<Task> look)
    {
        await using var holder = await beside.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(locks, holder);
        Assert.That(await command.ExecuteScalarAsync(), Is.EqualTo(1), "the rows to lock exist");
        var answer = request();
        await Eventually.UntilAsync(
            async () =>
                await server.ScalarAsync<bool>(
                    $"select exists (select 1 from pg_stat_activity where {holder.ProcessID} = any(pg_blocking_pids(pid)))"
                ),
            "the request waits"
        );
        await look();
        await transaction.RollbackAsync();
        Assert.That((int)(await answer).Status, Is.InRange(200, 204), (await answer).ToString());
    }

    private async Task LockAsync(string sql)
    {
        await using var command = beside.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
