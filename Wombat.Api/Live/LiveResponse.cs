namespace Wombat.Api.Live;

/// <summary>A response that goes on until the reader leaves or Wombat stops; both are its ordinary ends.</summary>
internal static class LiveResponse
{
    public static async Task RunAsync(HttpContext http, IHostApplicationLifetime lifetime, Func<CancellationToken, Task> send)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await send(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && http.Response.HasStarted)
        {
            // The reader resumes by position, here or on another replica.
        }
    }
}
