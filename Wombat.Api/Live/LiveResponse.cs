using MediatR;
using Wombat.Api.Http;
using Wombat.Api.Middleware;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>A response that continues until the client disconnects or Wombat stops. Both are normal ends. Scoped to its request.</summary>
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

    /// <summary>Starts a response whose parts must reach the client immediately: proxies must not buffer, change or cache them.</summary>
    public static Task BeginAsync(HttpResponse response, string contentType, CancellationToken cancel)
    {
        response.ContentType = contentType;
        response.Headers.CacheControl = "no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        return response.StartAsync(cancel);
    }

    public async Task RunAsync(HttpContext http, Func<CancellationToken, Task> send)
    {
        using var permit = limit.AcquireStream(request.Caller!, request.Address);
        http.Features.Get<RequestPermits>()?.Dispose();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var hasEnded = false;
        if (HeadRequests.IsHead(http))
        {
            // For HEAD the headers are the whole response.
            http.Response.OnStarting(() => hasEnded ? Task.CompletedTask : stop.CancelAsync());
        }

        metrics.StreamOpened();
        try
        {
            await send(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && http.Response.HasStarted)
        {
            // The client resumes by position, on this or another replica.
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            throw new UnavailableException(ErrorCode.Stopping, "This replica is stopping. Try again, or use another replica.");
        }
        catch (Exception e) when (http.Response.HasStarted && (e is WombatException || database.IsUnavailable(e)))
        {
            // Abort the connection, so that the response does not look complete. A reconnecting client gets the error.
            log.LogDebug("A live response was aborted: {Reason}", e.Message);
            http.Abort();
        }
        finally
        {
            hasEnded = true;
            metrics.StreamClosed();
        }
    }

    /// <summary>Sends a message as the response's caller in a new scope, so that a caller who loses the permission stops reading.</summary>
    /// <exception cref="UnauthenticatedException">The credential has expired or was revoked meanwhile.</exception>
    public async Task<T> SendMessageAsync<T>(HttpContext http, IRequest<T> message, CancellationToken cancel)
    {
        var caller = await CallerAsync(http);
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = caller;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(message, cancel);
    }

    /// <summary>Reads for the stream. The streams of one caller read one after the other, so that many streams do not get a larger share of the database.</summary>
    public async Task<T> ReadAsync<T>(Func<Task<T>> read, CancellationToken cancel)
    {
        using var turn = await limit.AcquireReadAsync(request.Caller!, request.Address, cancel);
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
