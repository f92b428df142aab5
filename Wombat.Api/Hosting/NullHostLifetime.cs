namespace Wombat.Api.Hosting;

/// <summary>Replaces ASP.NET Core's console lifetime, which would abort a start with an error in the log.</summary>
internal sealed class NullHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
