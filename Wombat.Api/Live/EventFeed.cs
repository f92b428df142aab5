using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;

namespace Wombat.Api.Live;

/// <summary>
/// Reads new events once for all streams of this process, and only while there are streams. Caches the latest events in memory; a
/// stream that is further behind reads from the database until it has caught up.
/// </summary>
internal sealed class EventFeed(
    IServiceScopeFactory scopes,
    INotificationBus notifications,
    IDatabaseAvailability availability,
    TimeProvider clock,
    ILogger<EventFeed> log
) : BackgroundService
{
    private const int Kept = 500;
    private const int AtOnce = 250;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private volatile Window? window;
    private readonly Signal changed = new();
    private INotificationSubscription? positions;
    private int streams;

    /// <summary>Completes when new events arrive. Get it before reading the events.</summary>
    public Task Changed => changed.Task;

    /// <summary>The position up to which all events were read; 0 if none were read.</summary>
    public long Last => window?.Last ?? 0;

    /// <summary>Whether events are being read: <see cref="Last"/> is a position from which <see cref="After"/> continues.</summary>
    public bool IsReading => window is not null;

    /// <summary>Registers a stream. The feed reads events until all registrations are disposed.</summary>
    public IDisposable Follow()
    {
        lock (gate)
        {
            if (++streams == 1)
            {
                positions?.Wake();
            }
        }

        return new Stream(this);
    }

    /// <summary>
    /// The cached events after <paramref name="position"/> and the position of the last one; null if the cache does not go back that far.
    /// </summary>
    public (IReadOnlyList<EventDto> Events, long Last)? After(long position)
    {
        var now = window;
        if (now is null || position < now.From)
        {
            return null;
        }

        // Searches from the end, because most streams need only the newest events.
        var first = now.Events.Length;
        while (first > 0 && now.Events[first - 1].Position > position)
        {
            first--;
        }

        return (new ArraySegment<EventDto>(now.Events, first, now.Events.Length - first), Math.Max(position, now.Last));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stamped = notifications.Subscribe(Topics.Positions);
        positions = stamped;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (Volatile.Read(ref streams) == 0)
                {
                    window = null;
                }
                else if (await ReadAsync(stoppingToken))
                {
                    continue;
                }

                await stamped.WaitAsync(PollInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (!availability.Report(e))
                {
                    log.LogError(e, "Cannot read new events");
                }

                await Task.Delay(PollInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Reads a page of new events. Returns true if there may be more.</summary>
    private async Task<bool> ReadAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        if (window is not { } now)
        {
            var last = await db.NewestPositionAsync(cancel);
            Publish(new Window(last, last, []));
            return true;
        }

        var fresh = await db.EventsAfterAsync(now.Last, AtOnce, cancel);
        if (fresh.Count == 0)
        {
            return false;
        }

        EventDto[] all = [.. now.Events, .. fresh];
        var dropped = Math.Max(0, all.Length - Kept);
        Publish(new Window(dropped > 0 ? all[dropped - 1].Position : now.From, all[^1].Position, all[dropped..]));
        return fresh.Count == AtOnce;
    }

    private void Publish(Window next)
    {
        window = next;
        changed.Set();
    }

    /// <param name="From">The position before the first cached event.</param>
    /// <param name="Last">The position of the last cached event, or <paramref name="From"/> if there is none.</param>
    private sealed record Window(long From, long Last, EventDto[] Events);

    private sealed class Stream(EventFeed feed) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref feed.streams);
    }
}
