using System.Globalization;
using System.Text.Json;
using Wombat.Application.Access;
using Wombat.Application.Changes;
using Wombat.Application.Common;

namespace Wombat.Api.Live;

/// <summary>
/// Streams what changes among the things that the caller may read: past changes from the database, new ones from the feed that all
/// streams share. A heartbeat that readers see tells the position.
/// </summary>
internal sealed class ChangeStream(LiveResponse live, RequestContext request, ChangeFeed feed, TimeProvider clock)
{
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    // Also the maximum time between checks of the caller's credential.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private long position;
    private long batch;
    private long beatAt;
    private long checkedAt;

    /// <param name="after">The position to start after; null to start with new changes.</param>
    public Task SendAsync(HttpContext http, long? after) => live.RunAsync(http, cancel => FollowAsync(http, after, cancel));

    private async Task FollowAsync(HttpContext http, long? after, CancellationToken cancel)
    {
        // Refuses a caller without the permission before the feed starts.
        await SelectAsync(http, ChangeBatch.Empty, cancel);
        var started = feed.Changed;
        using var followed = feed.Follow(request.Caller!.UserId);
        if (!feed.IsReading)
        {
            await started.WaitAsync(PollInterval, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
        }

        batch = feed.Newest;
        var first = await ReadAsync(http, after, cancel);
        var writer = new EventStreamWriter(http.Response, clock);
        await writer.StartAsync(cancel);
        position = after is null || first.IsReset ? first.Position : after.Value;
        if (!first.IsReset)
        {
            await BeatAsync(writer, cancel);
        }

        await CatchUpAsync(http, first, writer, cancel);
        while (true)
        {
            var changed = feed.Changed;
            if (feed.After(batch) is { } fresh)
            {
                await SendAsync(http, fresh, writer, cancel);
            }
            else
            {
                batch = feed.Newest;
                await CatchUpAsync(http, await ReadAsync(http, position, cancel), writer, cancel);
            }

            if (clock.GetElapsedTime(beatAt) >= Heartbeat)
            {
                await BeatAsync(writer, cancel);
            }

            await changed.WaitAsync(UntilNext(), clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
        }
    }

    private TimeSpan UntilNext()
    {
        var beat = Heartbeat - clock.GetElapsedTime(beatAt);
        return beat <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1)
            : beat < PollInterval ? beat
            : PollInterval;
    }

    private async Task SendAsync(HttpContext http, ArraySegment<ChangeFeed.Batch> fresh, EventStreamWriter writer, CancellationToken cancel)
    {
        foreach (var one in fresh)
        {
            var last = Math.Max(position, one.Position);
            if (one.Changes.Changes.Count > 0)
            {
                var from = position;
                var allowed = await SelectAsync(http, one.Changes, cancel);

                // What was read from the database meanwhile was sent.
                await WriteAsync(http, writer, allowed.Where(c => c.Position > from || c.Type == ChangeMapper.Job), cancel);
            }

            (position, batch) = (last, batch + 1);
        }

        await CheckCredentialAsync(http, cancel);
    }

    private Task<IReadOnlyList<ChangeDto>> SelectAsync(HttpContext http, ChangeBatch changes, CancellationToken cancel)
    {
        checkedAt = clock.GetTimestamp();
        return live.SendMessageAsync(http, new SelectChanges(changes, position), cancel);
    }

    // Also between the messages of a long page: a reader may take them slowly.
    private Task CheckCredentialAsync(HttpContext http, CancellationToken cancel) =>
        clock.GetElapsedTime(checkedAt) < PollInterval ? Task.CompletedTask : SelectAsync(http, ChangeBatch.Empty, cancel);

    private async Task CatchUpAsync(HttpContext http, ChangePage page, EventStreamWriter writer, CancellationToken cancel)
    {
        while (true)
        {
            checkedAt = clock.GetTimestamp();
            if (page.IsReset)
            {
                position = page.Position;
                await writer.SendAsync(position, "reset", PositionJson(), cancel);
                beatAt = clock.GetTimestamp();
                return;
            }

            await WriteAsync(http, writer, page.Changes, cancel);
            position = page.Position;
            if (!page.HasMore)
            {
                return;
            }

            page = await ReadAsync(http, position, cancel);
        }
    }

    private async Task WriteAsync(HttpContext http, EventStreamWriter writer, IEnumerable<ChangeDto> changes, CancellationToken cancel)
    {
        foreach (var one in changes)
        {
            await CheckCredentialAsync(http, cancel);
            await writer.SendAsync(one.Position, "change", JsonSerializer.Serialize(one, WombatJson.Options), cancel);
        }
    }

    private Task BeatAsync(EventStreamWriter writer, CancellationToken cancel)
    {
        beatAt = clock.GetTimestamp();
        return writer.SendAsync(position, "heartbeat", PositionJson(), cancel);
    }

    private string PositionJson() => string.Create(CultureInfo.InvariantCulture, $$"""{"position":{{position}}}""");

    private Task<ChangePage> ReadAsync(HttpContext http, long? after, CancellationToken cancel) =>
        live.ReadAsync(() => live.SendMessageAsync(http, new ReadChanges(after), cancel), cancel);
}
