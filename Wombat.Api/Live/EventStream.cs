using System.Globalization;
using System.Text.Json;
using Wombat.Application.Audit;
using Wombat.Application.Common;

namespace Wombat.Api.Live;

/// <summary>Events by position: none missed, none twice, milliseconds after their commit.</summary>
internal sealed class EventStream(LiveResponse live, ISignals signals, TimeProvider clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <param name="after">Null begins with what happens from now on.</param>
    public Task SendAsync(HttpContext http, ListEvents query, long? after) => live.RunAsync(http, cancel => FollowAsync(http, query, after, cancel));

    private async Task FollowAsync(HttpContext http, ListEvents query, long? after, CancellationToken cancel)
    {
        using var stamped = signals.Subscribe(Topics.Positions);
        var seen = await LastAsync(http, cancel);
        var position = after ?? seen;
        var page = await ReadAsync(http, query, position, cancel);
        var writer = new EventStreamWriter(http.Response, clock);
        await writer.StartAsync(cancel);
        while (true)
        {
            foreach (var one in page.Items)
            {
                await writer.SendAsync(one.Position, JsonSerializer.Serialize(one, WombatJson.Options), cancel);
                position = one.Position;
            }

            if (page.NextCursor is null)
            {
                // What the filter left out need not be looked at again.
                position = Math.Max(position, seen);
                await stamped.WaitAsync(LookAgain, cancel);
                await writer.KeepAliveAsync(cancel);
            }

            seen = query.Filter.IsEmpty ? position : await LastAsync(http, cancel);
            page = await ReadAsync(http, query, position, cancel);
        }
    }

    private async Task<long> LastAsync(HttpContext http, CancellationToken cancel)
    {
        var last = await live.AskAsync(http, new ListEvents(new PageRequest(1, Sort: "-position"), new EventFilter()), cancel);
        return last.Items.Count == 0 ? 0 : last.Items[0].Position;
    }

    private Task<Page<EventDto>> ReadAsync(HttpContext http, ListEvents query, long after, CancellationToken cancel) =>
        live.AskAsync(http, query with { Page = query.Page with { Cursor = after.ToString(CultureInfo.InvariantCulture) } }, cancel);
}
