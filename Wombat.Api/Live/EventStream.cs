using System.Globalization;
using System.Text.Json;
using Wombat.Application.Audit;
using Wombat.Application.Common;

namespace Wombat.Api.Live;

/// <summary>
/// Streams events in the order of their positions, each exactly once, milliseconds after their commit. Past events come from the
/// database, new ones from the feed that all streams share. Filters are applied here.
/// </summary>
internal sealed class EventStream(LiveResponse live, EventFeed feed, TimeProvider clock)
{
    // Also the maximum time between checks of the caller's permission.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <param name="after">The position to start after; null to start with new events.</param>
    public Task SendAsync(HttpContext http, ListEvents query, long? after) =>
        live.RunAsync(http, cancel => FollowAsync(http, query, after, cancel));

    private async Task FollowAsync(HttpContext http, ListEvents query, long? after, CancellationToken cancel)
    {
        using var followed = feed.Follow();
        var position = after ?? await live.ReadAsync(() => LastAsync(http, cancel), cancel);
        var first = await ReadAsync(http, query, position, cancel);
        var writer = new EventStreamWriter(http.Response, clock);
        await writer.StartAsync(cancel);
        position = await SendAsync(writer, first.Items, position, cancel);
        var checkedAt = clock.GetTimestamp();
        while (true)
        {
            var changed = feed.Changed;
            if (feed.After(position) is not { } fresh)
            {
                position = await CatchUpAsync(http, query, position, writer, cancel);
                checkedAt = clock.GetTimestamp();
                if (feed.After(position) is not null)
                {
                    continue;
                }
            }
            else
            {
                var wanted = fresh.Events.Where(query.Filter.Matches).ToList();
                if (wanted.Count > 0 || clock.GetElapsedTime(checkedAt) >= PollInterval)
                {
                    checkedAt = clock.GetTimestamp();
                    var allowed = await live.SendMessageAsync(http, new SelectEvents(wanted, query.Filter.ProjectId), cancel);
                    await SendAsync(writer, allowed, position, cancel);
                }

                position = fresh.Last;
            }

            await changed.WaitAsync(PollInterval, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
            await writer.KeepAliveAsync(cancel);
        }
    }

    /// <summary>Sends the stored events after <paramref name="position"/>. Returns the position up to which all events were sent.</summary>
    private async Task<long> CatchUpAsync(
        HttpContext http,
        ListEvents query,
        long position,
        EventStreamWriter writer,
        CancellationToken cancel
    )
    {
        while (true)
        {
            // Read before the events: events up to this position that the filter excludes need not be read again.
            var known = feed.Last;
            var page = await ReadAsync(http, query, position, cancel);
            position = await SendAsync(writer, page.Items, position, cancel);
            if (page.NextCursor is null)
            {
                return Math.Max(position, known);
            }
        }
    }

    private static async Task<long> SendAsync(
        EventStreamWriter writer,
        IReadOnlyList<EventDto> events,
        long position,
        CancellationToken cancel
    )
    {
        foreach (var one in events)
        {
            await writer.SendAsync(one.Position, JsonSerializer.Serialize(one, WombatJson.Options), cancel);
            position = one.Position;
        }

        return position;
    }

    private async Task<long> LastAsync(HttpContext http, CancellationToken cancel)
    {
        var last = await live.SendMessageAsync(http, new ListEvents(new PageRequest(1, Sort: "-position"), new EventFilter()), cancel);
        return last.Items.Count == 0 ? 0 : last.Items[0].Position;
    }

    private Task<Page<EventDto>> ReadAsync(HttpContext http, ListEvents query, long after, CancellationToken cancel) =>
        live.ReadAsync(
            () =>
                live.SendMessageAsync(
                    http,
                    query with
                    {
                        Page = query.Page with { Cursor = after.ToString(CultureInfo.InvariantCulture) },
                    },
                    cancel
                ),
            cancel
        );
}
