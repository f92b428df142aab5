using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wombat.Application;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Jobs;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Jobs;

/// <summary>The job engine on a real PostgreSQL, with job kinds whose handlers record what they do.</summary>
public abstract class JobTestBase
{
    protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    protected static readonly Guid Worker = Guid.NewGuid();

    protected ServiceProvider Services { get; private set; } = null!;

    private protected RunRecord Record => Services.GetRequiredService<RunRecord>();

    protected JobStore Store { get; private set; } = null!;
    protected JobClaimer Claims { get; private set; } = null!;

    [SetUp]
    public async Task Start()
    {
        var settings = WombatSettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false" },
            new Dictionary<string, string>(StringComparer.Ordinal)
        );
        var collection = new ServiceCollection()
            .AddLogging()
            .AddApplication()
            .AddInfrastructure(settings, await SharedPostgres.NewDatabaseAsync());
        collection.AddSingleton<RunRecord>();
        collection.AddSingleton(new HostIdentity(Guid.NewGuid(), "test"));
        collection.AddJobHandler<Recorder>(new JobKind("test", Permission.JobManage));
        collection.AddJobHandler<LogWriter>(new JobKind("log", Permission.JobManage));
        collection.AddJobHandler<Scripted>(new JobKind("script", Permission.JobManage));
        Services = collection.BuildServiceProvider();
        await Services.GetRequiredService<Migrator>().MigrateAsync(default);
        Store = Services.GetRequiredService<JobStore>();
        Claims = Services.GetRequiredService<JobClaimer>();
    }

    [TearDown]
    public async Task Stop() => await Services.DisposeAsync();

    private protected JobWorker NewWorker(TimeSpan? lease = null, TimeSpan? drain = null) =>
        new(
            Store,
            Claims,
            Services.GetRequiredService<JobRunner>(),
            Services.GetRequiredService<Application.Common.INotificationBus>(),
            new JobSettings(4, lease ?? TimeSpan.FromSeconds(5), drain ?? TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(50)),
            Services.GetRequiredService<JobKinds>(),
            TimeProvider.System,
            Services.GetRequiredService<DatabaseAvailability>(),
            Services.GetRequiredService<BackgroundLoop>(),
            NullLogger<JobWorker>.Instance
        );

    protected static Job New(
        Guid? project,
        Guid? resource = null,
        int at = 0,
        short priority = 0,
        TimeSpan delay = default,
        string arguments = "{}",
        JobOptions? options = null,
        Actor? by = null,
        string kind = "test"
    ) =>
        Job.Create(
            kind,
            by ?? new Actor("tester"),
            TimeProvider.System.GetUtcNow().AddMinutes(-1).AddMilliseconds(at),
            new JobTarget(project, resource),
            arguments,
            (options ?? new JobOptions()) with
            {
                Priority = priority,
            },
            delay: delay
        );

    protected async Task AddAsync(IEnumerable<Job> jobs)
    {
        await using var scope = Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        db.Jobs.AddRange(jobs);
        await db.SaveChangesAsync();
    }

    protected async Task<string?> StateAsync(Guid id) => await ScalarAsync($"select state from jobs where id = '{id}'");

    protected async Task<string?> ScalarAsync(string sql)
    {
        await using var command = Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteScalarAsync() as string;
    }

    private sealed class Recorder(RunRecord record) : IJobHandler
    {
        public async Task RunAsync(JobRun run, CancellationToken cancel)
        {
            record.Enter(run.ResourceId ?? Guid.Empty);
            await Task.Delay(5, cancel);
            record.Leave(run.ResourceId ?? Guid.Empty, run.Arguments);
        }
    }

    private sealed class LogWriter : IJobHandler
    {
        public Task RunAsync(JobRun run, CancellationToken cancel) => run.Log.WriteAsync("a line", cancel).AsTask();
    }

    private sealed class Scripted(RunRecord record, IServiceProvider services) : IJobHandler
    {
        public Task RunAsync(JobRun run, CancellationToken cancel) => record.Script(run, services, cancel);

        public Task EndedAsync(EndedJob job, CancellationToken cancel)
        {
            record.Ended.Enqueue(job);
            return Task.CompletedTask;
        }
    }
}
