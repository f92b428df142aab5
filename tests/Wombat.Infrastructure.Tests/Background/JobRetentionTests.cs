using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Background;

public sealed class JobRetentionTests
{
    private NpgsqlDataSource database = null!;

    [SetUp]
    public async Task Start()
    {
        database = NpgsqlDataSource.Create(await SharedPostgres.NewMigratedDatabaseAsync());
        await ExecuteAsync(
            """
            insert into projects (id, name, unix_name, description, active, visibility, tags, created_at, updated_at, version)
            select uuidv7(), 'Project', name, '', true, 'private', '{}', now(), now(), 1 from unnest('{limited,other}'::text[]) name
            """
        );
    }

    [TearDown]
    public async Task Stop() => await database.DisposeAsync();

    [Test]
    public async Task Retention_OfAllProjects_RemovesOlderJobsWithTheirLogs()
    {
        await AddJobsAsync("limited", "old", days: 31, kibOfLog: 3, count: 201);
        await AddJobsAsync("limited", "long", days: 31, kibOfLog: 3, endedDays: 29);
        await AddJobsAsync("other", "waiting", days: 31, kibOfLog: 3, state: "queued");
        await AddJobsAsync("other", "new", days: 1, kibOfLog: 3, state: "failed");

        await DeleteExpiredAsync();
        await ExpectAsync(string.Join(' ', ["long", "new", .. Enumerable.Repeat("old", 201), "waiting"]));

        await DeleteExpiredAsync(("WOMBAT_JOBS_RETENTION_DAYS", "30"));
        await ExpectAsync("long new waiting");
    }

    [Test]
    public async Task Retention_OfAProject_AppliesToItsEndedJobsOnly()
    {
        await AddJobsAsync("limited", "old", days: 8, kibOfLog: 1, count: 201);
        await AddJobsAsync("limited", "waiting", days: 8, kibOfLog: 1, state: "queued");
        await AddJobsAsync("limited", "new", days: 6, kibOfLog: 1);
        await AddJobsAsync("other", "other", days: 8, kibOfLog: 1);
        await ExecuteAsync("update projects set job_retention_days = 7 where unix_name = 'limited'");

        await DeleteExpiredAsync();

        await ExpectAsync("new other waiting");
    }

    [Test]
    public async Task Limit_OfTheLogsOfAProject_KeepsTheNewestJobsUpToTheOneThatReachesIt()
    {
        await AddJobsAsync("limited", "a-running", days: 1, kibOfLog: 2000, state: "running");
        await AddJobsAsync("limited", "a-long", days: 9, kibOfLog: 1, endedDays: 5);
        await AddJobsAsync("limited", "b-oldest", days: 8, kibOfLog: 1);
        await AddJobsAsync("limited", "c-reaches", days: 7, kibOfLog: 700);
        await AddJobsAsync("limited", "d-newest", days: 6, kibOfLog: 700);
        await AddJobsAsync("other", "e-other", days: 8, kibOfLog: 2000);
        await ExecuteAsync("update projects set job_logs_max_mib = 1 where unix_name = 'limited'");

        await DeleteExpiredAsync();

        await ExpectAsync("a-long a-running c-reaches d-newest e-other");
    }

    [Test]
    public async Task Limit_LessThanOneLog_KeepsTheNewestJob()
    {
        await AddJobsAsync("limited", "older", days: 2, kibOfLog: 3000);
        await AddJobsAsync("limited", "newest", days: 1, kibOfLog: 3000);
        await ExecuteAsync("update projects set job_logs_max_mib = 1 where unix_name = 'limited'");

        await DeleteExpiredAsync();

        await ExpectAsync("newest");
    }

    [Test]
    public async Task Limit_OfARunOnSeveralHosts_CountsAndDeletesItAsAWhole()
    {
        await AddJobsAsync("limited", "whole", days: 3, kibOfLog: 0);
        await AddJobsAsync("limited", "part", days: 3, kibOfLog: 800, count: 2);
        await AddJobsAsync("limited", "open", days: 3, kibOfLog: 0);
        await AddJobsAsync("limited", "open-part", days: 3, kibOfLog: 800);
        await AddJobsAsync("limited", "open-part", days: 3, kibOfLog: 800, state: "running");
        await AddJobsAsync("limited", "newer", days: 2, kibOfLog: 1100);
        await ExecuteAsync(
            """
            insert into runs (id, command_id, command_name, command_version, inputs, parent_id, awaits_approval, is_ended, is_replaced)
            select part.id, part.id, 'command', 1, '{}', whole.id, false, false, false
            from jobs part join jobs whole on whole.kind = case part.kind when 'part' then 'whole' else 'open' end
            where part.kind in ('part', 'open-part');
            update projects set job_logs_max_mib = 1 where unix_name = 'limited'
            """
        );

        await DeleteExpiredAsync();

        await ExpectAsync("newer open open-part open-part");
    }

    [Test]
    public async Task Job_ThatIsRetriedMeanwhile_Stays()
    {
        await AddJobsAsync("limited", "retried", days: 9, kibOfLog: 1);
        await ExecuteAsync("update projects set job_retention_days = 7 where unix_name = 'limited'");
        await using var connection = await database.OpenConnectionAsync();
        await using (var retry = await connection.BeginTransactionAsync())
        {
            await using var command = new NpgsqlCommand("update jobs set state = 'queued', finished_at = null", connection, retry);
            await command.ExecuteNonQueryAsync();
            await DeleteExpiredAsync();
            await retry.CommitAsync();
        }

        await DeleteExpiredAsync();
        await ExpectAsync("retried");
    }

    private async Task DeleteExpiredAsync(params (string Name, string Value)[] environment)
    {
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        var settings = WombatSettings.Read(environment.ToDictionary(e => e.Name, e => e.Value, StringComparer.Ordinal), none);
        using var retention = new JobRetention(
            database,
            settings,
            TimeProvider.System,
            TestLoop.Create(database),
            NullLogger<JobRetention>.Instance
        );
        await retention.DeleteExpiredAsync(default);
    }

    private Task AddJobsAsync(
        string project,
        string kind,
        int days,
        int kibOfLog,
        string state = "succeeded",
        int count = 1,
        int? endedDays = null
    ) =>
        ExecuteAsync(
            $"""
            with added as (
                insert into jobs (id, kind, queue, arguments, is_repeatable, priority, state, run_at, attempt, max_attempts,
                    cancel_requested, requested_by, created_at, finished_at, project_id)
                select uuidv7(-interval '{days} days'), '{kind}', 'default', '{"{}"}', true, 0, '{state}', now(), 1, 1, false, 'test',
                    now(),
                    case when '{state}' in ('succeeded', 'failed') then now() - interval '{endedDays ?? days} days' end, p.id
                from projects p, generate_series(1, {count}) where unix_name = '{project}' returning id)
            insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata)
            select id, n, 1, now(), (select string_agg(md5(random()::text), '') from generate_series(1, 32)), ''
            from added, generate_series(1, {kibOfLog}) n
            """
        );

    private async Task ExpectAsync(string kinds)
    {
        Assert.That(await ScalarAsync("select string_agg(kind, ' ' order by kind) from jobs"), Is.EqualTo(kinds));
        Assert.That(
            await ScalarAsync("select count(*)::text from job_log_blocks where job_id not in (select id from jobs)"),
            Is.EqualTo("0")
        );
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string?> ScalarAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync();
    }
}
