using Npgsql;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Tests.Background;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

public sealed class RetentionServiceTests
{
    private NpgsqlDataSource database = null!;

    [SetUp]
    public async Task Start()
    {
        database = NpgsqlDataSource.Create(await SharedPostgres.NewMigratedDatabaseAsync());
        await ExecuteAsync(
            """
            insert into jobs (id, kind, queue, arguments, is_repeatable, priority, state, run_at, attempt, max_attempts, cancel_requested,
                requested_by, created_at, finished_at)
            select uuidv7(-made), kind, 'default', '{}', true, 0, state, now() - made, 1, 1, false, 'test', now() - made, now() - ended
            from (values
                ('old', interval '40 days', interval '40 days', 'succeeded'),
                ('old', interval '40 days', interval '31 days', 'failed'), ('old', interval '31 days', interval '31 days', 'cancelled'),
                ('long', interval '40 days', interval '29 days', 'succeeded'),
                ('waiting', interval '40 days', null, 'queued'), ('new', interval '1 day', interval '1 day', 'failed')
            ) as j(kind, made, ended, state), generate_series(1, case when kind = 'old' then 150 else 1 end);
            insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata)
                select id, n, 1, now(), '', ''::bytea from jobs, generate_series(1, 3) n
            """
        );
    }

    [TearDown]
    public async Task Stop() => await database.DisposeAsync();

    [Test]
    public async Task Run_WithAJobRetention_RemovesOlderJobsWithTheirLogs()
    {
        await RemoveExpiredAsync(("WOMBAT_JOBS_RETENTION_DAYS", "30"));

        Assert.That(await ScalarAsync("select string_agg(kind, ' ' order by kind) from jobs"), Is.EqualTo("long new waiting"));
        Assert.That(await ScalarAsync("select count(*)::text from job_log_blocks"), Is.EqualTo("9"));
    }

    [Test]
    public async Task Run_WithoutAJobRetention_KeepsJobs()
    {
        await RemoveExpiredAsync();

        Assert.That(await ScalarAsync("select count(*)::text from jobs"), Is.EqualTo("453"));
    }

    [Test]
    public async Task Run_WhenRecordsHaveExpired_RemovesThem()
    {
        await ExecuteAsync(
            """
            insert into sign_in_failures (subject, failures, wait_until, last_at)
                values ('\x01', 1, now(), now() - interval '2 days'), ('\x02', 1, now(), now())
            """
        );
        await RemoveExpiredAsync();

        Assert.That(await ScalarAsync("select string_agg(encode(subject, 'hex'), ' ') from sign_in_failures"), Is.EqualTo("02"));
    }

    private async Task RemoveExpiredAsync(params (string Name, string Value)[] environment)
    {
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        var settings = WombatSettings.Read(environment.ToDictionary(e => e.Name, e => e.Value, StringComparer.Ordinal), none);
        using var service = new RetentionService(
            database,
            new JobRetention(database, TimeProvider.System),
            settings,
            TimeProvider.System,
            TestLoop.Create(database)
        );
        await service.DeleteExpiredAsync(default);
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
