using MediatR;
using Wombat.Api.Http;
using Wombat.Api.Middleware;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>A response that goes on until the reader leaves or Wombat stops; both are its ordinary ends. Scoped to its request.</summary>
internal sealed class LiveResponse(
    RequestContext request,
    CallerAuthenticator authenticator,
    RateLimit limit,
    IServiceScopeFactory scopes,
    IHostApplicationLifetime lifetime,
    AccessMetrics metrics,
    IDatabaseAvailability database,
    TimeProvider clock,
    ILogger<LiveResponse> log
)
{
    private long recognizedAt = clock.GetTimestamp();

    /// <summary>Begins an answer whose parts must reach the reader as they come: no proxy may gather, change or keep them.</summary>
    public static Task BeginAsync(HttpResponse response, string contentType, CancellationToken cancel)
    {
        response.ContentType = contentType;
        response.Headers.CacheControl = "no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        return response.StartAsync(cancel);
    }

    public async Task RunAsync(HttpContext http, Func<CancellationToken, Task> send)
    {
        using var place = limit.HoldStream(request.Caller!, request.Address);
        http.Features.Get<RequestPlace>()?.Dispose();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var hasEnded = false;
        if (HeadRequests.IsHead(http))
        {
            // The headers are the whole answer. Where it begins only now, as with an error, nothing is left to stop.
            http.Response.OnStarting(() => hasEnded ? Task.CompletedTask : stop.CancelAsync());
        }

        metrics.StreamOpened();
        try
        {
            await send(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && http.Response.HasStarted)
        {
            // The reader resumes by position, here or on another replica.
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            throw new UnavailableException(ErrorCode.Stopping, "This replica is stopping. Try again, or use another replica.");
        }
        catch (Exception e) when (http.Response.HasStarted && (e is WombatException || database.IsUnavailable(e)))
        {
            // Cut, so that it does not look complete; who comes back is told why.
            log.LogDebug("A live response was cut short: {Reason}", e.Message);
            http.Abort();
        }
        finally
        {
            hasEnded = true;
            metrics.StreamClosed();
        }
    }

    /// <summary>Asks as the response's caller, in a scope of its own: who loses the right to read while reading stops reading.</summary>
    /// <exception cref="UnauthenticatedException">The credential has ended meanwhile.</exception>
    public async Task<T> AskAsync<T>(HttpContext http, IRequest<T> message, CancellationToken cancel)
    {
        var caller = await CallerAsync(http);
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = caller;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(message, cancel);
    }

    /// <summary>Reads for the stream. The streams of one caller take turns, so that however many there are they share its part of the database.</summary>
    public async Task<T> ReadAsync<T>(Func<Task<T>> read, CancellationToken cancel)
    {
        using var turn = await limit.TakeReadAsync(request.Caller!, request.Address, cancel);
        return await read();
    }

    private async ValueTask<Caller> CallerAsync(HttpContext http)
    {
        if (request.Caller != Caller.Anonymous && clock.GetElapsedTime(recognizedAt) >= AccessCache.Trust)
        {
            recognizedAt = clock.GetTimestamp();
            request.Caller =
                await authenticator.AuthenticateAsync(http, isUse: false)
                ?? throw new UnauthenticatedException("The credential has expired or was revoked.");
        }

        return request.Caller!;
    }
}
