using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Background;

public sealed class LeaderElectionTests
{
    private static readonly AdvisoryLock Lock = new(4711);

    private NpgsqlDataSource database = null!;

    [SetUp]
    public async Task Start() => database = NpgsqlDataSource.Create(await SharedPostgres.NewDatabaseAsync());

    [TearDown]
    public async Task Stop() => await database.DisposeAsync();

    [Test]
    public async Task Run_WithTwoProcesses_OneLeadsAndTheOtherTakesOver()
    {
        await using var first = new Candidate(database);
        await Eventually.UntilAsync(() => first.IsLeading, "the first process leads");
        await using var second = new Candidate(database);
        await Eventually.UntilAsync(() => second.Attempts.Count > 1, "the second process has tried");
        Assert.That(second.IsLeading, Is.False);

        await first.StopAsync();
        await Eventually.UntilAsync(() => second.IsLeading, "the second process leads");
    }

    [Test]
    public async Task Run_WhenTheConnectionOfTheLeaderBreaks_LeadsAgain()
    {
        await using var leader = new Candidate(database);
        await Eventually.UntilAsync(() => leader.IsLeading, "it leads");
        var terms = leader.Terms;

        await database.ExecuteAsync(
            $"""
            select pg_terminate_backend(pid) from pg_locks
            where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
            """,
            default
        );
        await Eventually.UntilAsync(() => leader.Terms > terms && leader.IsLeading, "another term");
    }

    [Test]
    public async Task RunPeriodically_WhenTheConnectionOfTheLeaderBreaks_ChecksTheLockBeforeTheNextRun()
    {
        var runs = 0;
        using var stop = new CancellationTokenSource();
        var election = Candidate.Election(database);
        var running = election.RunPeriodicallyAsync(
            new LoopOptions("test", TimeSpan.FromMilliseconds(10)),
            Lock,
            async cancel =>
            {
                var run = Interlocked.Increment(ref runs);
                Assert.That(
                    await database.ScalarAsync<long>(
                        $"""
                        select count(*) from pg_locks where locktype = 'advisory' and objid = 4711
                            and database = (select oid from pg_database where datname = current_database())
                        """,
                        cancel
                    ),
                    Is.EqualTo(1)
                );
                if (run == 2)
                {
                    // Between two runs it would be a race: the connection could break between the check and the run.
                    await database.ExecuteAsync(
                        $"""
                        select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and objid = 4711
                            and database = (select oid from pg_database where datname = current_database())
                        """,
                        cancel
                    );
                }
            },
            stop.Token
        );
        await Eventually.UntilAsync(() => Volatile.Read(ref runs) > 2, "the work runs again");

        await stop.CancelAsync();
        await running;
    }

    private sealed class Candidate : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly ImmediateClock clock = new();
        private readonly Task running;
        private int terms;

        public Candidate(NpgsqlDataSource database) => running = Election(database, clock).RunAsync("test", Lock, LeadAsync, stop.Token);

        public bool IsLeading { get; private set; }

        public int Terms => Volatile.Read(ref terms);

        public IReadOnlyCollection<TimeSpan> Attempts => clock.Waits;

        public static LeaderElection Election(NpgsqlDataSource database, TimeProvider? clock = null) =>
            new(database, TestLoop.Create(database, clock), NullLogger<LeaderElection>.Instance);

        public async Task StopAsync()
        {
            await stop.CancelAsync();
            await running;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            stop.Dispose();
        }

        private async Task LeadAsync(NpgsqlConnection connection, CancellationToken cancel)
        {
            Interlocked.Increment(ref terms);
            IsLeading = true;
            try
            {
                await connection.WaitAsync(cancel);
            }
            finally
            {
                IsLeading = false;
            }
        }
    }
}
