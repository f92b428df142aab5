using Microsoft.Extensions.Hosting;

namespace Wombat.Infrastructure.Background;

/// <summary>A hosted service that repeats one piece of work by a <see cref="BackgroundLoop"/>.</summary>
public abstract class PeriodicService(BackgroundLoop loop, LoopOptions options) : BackgroundService
{
    /// <summary>Does the work once. A failure is logged, and the work is repeated.</summary>
    protected abstract Task RunOnceAsync(CancellationToken cancel);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => loop.RunAsync(options, RunOnceAsync, stoppingToken);
}
