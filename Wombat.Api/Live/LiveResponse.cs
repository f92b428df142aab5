using MediatR;
using Wombat.Application.Pipeline;

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

    /// <summary>Asks as the stream's caller, in a scope of its own: who loses the right to read while reading stops reading.</summary>
    public static async Task<T> AskAsync<T>(HttpContext http, IServiceScopeFactory scopes, IRequest<T> message, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = http.RequestServices.GetRequiredService<RequestContext>().Caller;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(message, cancel);
    }
}
