using System.Net.WebSockets;
using Wombat.Api.Http;
using Wombat.Application.Access;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Api.Live;

/// <summary>Connects the WebSocket of a client with a console in a container until either ends. Scoped to its request.</summary>
internal sealed class ConsoleStreams(
    LiveResponse live,
    ConsoleSlots slots,
    ConsoleAudit audit,
    RequestContext request,
    ConsoleLimits limits,
    IDatabaseAvailability database,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<ConsoleStreams> log
)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    // How long a console stays open while the database does not tell whether its caller still may use it.
    private static readonly TimeSpan UncheckedTime = TimeSpan.FromSeconds(30);
    private const int AuditAttempts = 5;

    /// <exception cref="WombatException">The console cannot be opened.</exception>
    public Task RunAsync(HttpContext http, OpenConsole open) =>
        live.RunAsync(
            http,
            async cancel =>
            {
                var target = await live.SendMessageAsync(http, open, cancel);
                if (!http.WebSockets.IsWebSocketRequest)
                {
                    throw new InvalidInputException("Upgrade", "must be websocket: this endpoint is a WebSocket");
                }

                using var slot = slots.Acquire(request.Caller!);
                using var socket = await ConsoleSocket.AcceptAsync(http, clock);
                await socket.CloseAsync(await RunAsync(http, open, target, socket, cancel));
            }
        );

    private async Task<ConsoleEnd> RunAsync(
        HttpContext http,
        OpenConsole open,
        ConsoleTarget target,
        ConsoleSocket socket,
        CancellationToken cancel
    )
    {
        var (id, openedAt) = (Uuid7.At(clock.GetUtcNow()), clock.GetTimestamp());
        await audit.OpenedAsync(target, id, cancel);
        var end = ConsoleEnd.Failed;
        try
        {
            end = await RunUntilEndAsync(http, open, target, socket, cancel);
        }
        finally
        {
            var seconds = Math.Round(clock.GetElapsedTime(openedAt).TotalSeconds, 3);
            await RecordEndAsync(target, new ConsoleClosed(target.Name, id, seconds, end.Reason, end.ExitCode));
        }

        return end;
    }

    private async Task<ConsoleEnd> RunUntilEndAsync(
        HttpContext http,
        OpenConsole open,
        ConsoleTarget target,
        ConsoleSocket socket,
        CancellationToken cancel
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var size = new ConsoleSize(open.Rows, open.Columns);
        var console = target.Plugin.OpenConsoleAsync(target.Resource, size, socket, stop.Token);
        var watch = WatchAsync(http, open, socket, stop.Token);
        var first = await Task.WhenAny(console, watch, socket.Gone);
        var end =
            lifetime.ApplicationStopping.IsCancellationRequested ? ConsoleEnd.Stopping
            : first == console ? await EndOfAsync(console, socket)
            : first == watch ? await watch
            : await socket.Gone;
        await stop.CancelAsync();
        await Task.WhenAll(console, watch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return end;
    }

    private async Task<ConsoleEnd> EndOfAsync(Task<int> console, ConsoleSocket socket)
    {
        try
        {
            return ConsoleEnd.Exited(await console);
        }
        catch (ExternalSystemException e)
        {
            return socket.Gone.IsCompleted ? await socket.Gone : ConsoleEnd.Of(e);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            return ConsoleEnd.ClientLost;
        }
        catch (Exception e)
        {
            log.LogError(e, "A console failed");
            return ConsoleEnd.Failed;
        }
    }

    /// <summary>Ends a console in which nobody types, or whose caller lost the permission.</summary>
    private async Task<ConsoleEnd> WatchAsync(HttpContext http, OpenConsole open, ConsoleSocket socket, CancellationToken stop)
    {
        var checkedAt = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await Task.Delay(CheckInterval, clock, stop);
                if (socket.IdleTime >= limits.Idle)
                {
                    return ConsoleEnd.Idle(limits.Idle);
                }

                await live.SendMessageAsync(http, new CheckConsole(open.ProjectId, open.Id), stop);
                checkedAt = clock.GetTimestamp();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return ConsoleEnd.ClientLost;
            }
            catch (WombatException e)
            {
                return ConsoleEnd.Refused(e);
            }
            catch (Exception e) when (database.IsUnavailable(e) && clock.GetElapsedTime(checkedAt) < UncheckedTime)
            {
                // Checked again soon.
            }
            catch (Exception e)
            {
                log.LogWarning("A console was closed because its permission could not be checked: {Reason}", e.Message);
                return ConsoleEnd.Failed;
            }
        }
    }

    // Also when the client is gone or Wombat stops.
    private async Task RecordEndAsync(ConsoleTarget target, ConsoleClosed closed)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await audit.ClosedAsync(target, closed, CancellationToken.None);
                return;
            }
            catch (Exception e) when (attempt < AuditAttempts && database.IsUnavailable(e))
            {
                await Task.Delay(CheckInterval, clock, CancellationToken.None);
            }
            catch (Exception e)
            {
                log.LogError(
                    e,
                    "Cannot record the end of the console {ConsoleId} in the container {ContainerId}",
                    closed.ConsoleId,
                    target.ContainerId
                );
                return;
            }
        }
    }
}
