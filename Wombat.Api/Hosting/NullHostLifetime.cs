namespace Wombat.Api.Hosting;

/// <summary>Instead of the framework's own, which would break a start off in the middle with an error in the log.</summary>
internal sealed class NullHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
