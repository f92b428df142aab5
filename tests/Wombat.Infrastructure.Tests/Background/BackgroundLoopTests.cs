using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Common;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Background;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Background;

public sealed class BackgroundLoopTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly ImmediateClock clock = new();
    private readonly RecordingLogger<BackgroundLoop> log = new();
    private NpgsqlDataSource database = null!;
    private BackgroundLoop loop = null!;

    [SetUp]
    public void Start()
    {
        clock.Waits.Clear();
        log.Lines.Clear();
        database = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        loop = TestLoop.Create(database, clock, log);
    }

    [TearDown]
    public async Task Stop() => await database.DisposeAsync();

    [Test]
    public async Task Run_WhenTheWorkSucceeds_RepeatsItAfterTheInterval()
    {
        await RunAsync(new LoopOptions("test", Interval), _ => Task.CompletedTask, runs: 3);

        Assert.That(clock.Waits, Is.All.EqualTo(Interval));
        Assert.That(log.Lines, Is.Empty);
    }

    [Test]
    public async Task Run_WhenAnUnexpectedFailureRepeats_LogsTheStackTraceAndDoublesTheWait()
    {
        await RunAsync(new LoopOptions("test", TimeSpan.Zero), _ => throw new InvalidOperationException("broken"), runs: 10);

        double[] expected = [0.5, 1, 2, 4, 8, 16, 32, 60, 60];
        Assert.That(clock.Waits.Select(w => w.TotalSeconds).Take(9), Is.EqualTo(expected));
        Assert.That(
            log.Lines,
            Has.All.Matches<(LogLevel Level, string, Exception? Exception)>(l =>
                l is { Level: LogLevel.Error, Exception.Message: "broken" }
            )
        );
    }

    [Test]
    public async Task Run_WhenAFailureIsOver_WaitsTheIntervalAgain()
    {
        await RunAsync(
            new LoopOptions("test", Interval),
            run => run is 1 or 2 ? throw new InvalidOperationException() : Task.CompletedTask,
            runs: 4
        );

        Assert.That(clock.Waits.Take(3), Is.EqualTo(new[] { Interval, 2 * Interval, Interval }));
    }

    [Test]
    public async Task Run_WhenAnOutsideSystemIsUnavailable_LogsOneLineAndRepeatsAfterTheInterval()
    {
        await RunAsync(
            new LoopOptions("test", Interval),
            _ => throw ExternalSystemException.Unavailable(ErrorCode.DirectoryUnavailable, "It is down."),
            runs: 3
        );

        Assert.That(clock.Waits, Is.All.EqualTo(Interval));
        Assert.That(log.Lines.First(), Is.EqualTo((LogLevel.Warning, "The test failed and is repeated: It is down.", (Exception?)null)));
    }

    [Test]
    public async Task Run_WhenItWaitsFirst_BeginsWithTheInterval()
    {
        var before = -1;
        await RunAsync(
            new LoopOptions("test", Interval) { WaitsFirst = true },
            _ =>
            {
                before = before < 0 ? clock.Waits.Count : before;
                return Task.CompletedTask;
            },
            runs: 1
        );

        Assert.That(before, Is.EqualTo(1));
    }

    [Test]
    public async Task Run_WhenWokenUp_DoesNotWaitForTheInterval()
    {
        using var stop = new CancellationTokenSource();
        using var subscription = new Subscription();
        var runs = 0;
        var running = loop.RunAsync(
            new LoopOptions("test", TimeSpan.FromHours(1)) { WakeUp = () => subscription },
            _ =>
            {
                runs++;
                return Task.CompletedTask;
            },
            stop.Token
        );
        subscription.Wake();
        await Eventually.UntilAsync(() => runs == 2, "the second run");

        await stop.CancelAsync();
        await running;
    }

    [Test]
    public async Task Run_WhenStoppedInTheMiddleOfTheWork_EndsWithoutAnException()
    {
        using var stop = new CancellationTokenSource();
        var running = loop.RunAsync(new LoopOptions("test", Interval), cancel => Task.Delay(Timeout.InfiniteTimeSpan, cancel), stop.Token);
        await stop.CancelAsync();
        await running;

        Assert.That(log.Lines, Is.Empty);
    }

    [Test]
    public async Task PeriodicService_WhenItsWorkFails_DoesNotStopTheHost()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IHostedService>(new FailingService(loop));
        using var host = builder.Build();
        await host.StartAsync();
        await Eventually.UntilAsync(() => log.Lines.Count > 2, "the work is repeated");

        Assert.That(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested, Is.False);
        await host.StopAsync();
    }

    // Stops the loop in the last run; its number counts from 1.
    private async Task RunAsync(LoopOptions options, Func<int, Task> work, int runs)
    {
        using var stop = new CancellationTokenSource();
        var run = 0;
        await loop.RunAsync(
            options,
            async _ =>
            {
                if (++run == runs)
                {
                    await stop.CancelAsync();
                }

                await work(run);
            },
            stop.Token
        );
    }

    private sealed class FailingService(BackgroundLoop loop) : PeriodicService(loop, new LoopOptions("test", TimeSpan.Zero))
    {
        protected override Task RunOnceAsync(CancellationToken cancel) => throw new InvalidOperationException();
    }

    private sealed class Subscription : INotificationSubscription
    {
        private readonly SemaphoreSlim signal = new(0);

        public void Wake() => signal.Release();

        public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => signal.WaitAsync(atMost, cancel);

        public void Dispose() { }
    }
}
