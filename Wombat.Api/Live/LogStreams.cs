using System.Text.Json;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>Streams a job's log while it grows: each line once and in order, from any line, until the job has ended.</summary>
internal sealed class LogStreams(LiveResponse live, IJobLogReader logs, JobLogFeed feed, TimeProvider clock)
{
    // The number of blocks that a stream holds in memory while its client is slow.
    private const int BlocksAtOnce = 2;

    // Also the maximum time between checks of the caller's permission.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    public Task SendEventsAsync(HttpContext http, LogPosition position) =>
        live.RunAsync(
            http,
            async cancel =>
            {
                var after = await StartAsync(http, position, cancel);
                var writer = new EventStreamWriter(http.Response, clock);
                await writer.StartAsync(cancel);
                Task SendAsync(LogBlock block, long from) => writer.SendAsync(block.LastNumber, block.ToJson(from), cancel);
                var end = await FollowAsync(http, position, after, SendAsync, () => writer.KeepAliveAsync(cancel), cancel);
                await writer.SendAsync("end", JsonSerializer.Serialize(end, WombatJson.Options), cancel);
            }
        );

    /// <summary>Sends a message per block, in the same format as the events, and a last one with the outcome.</summary>
    public Task SendMessagesAsync(HttpContext http, LogPosition position) =>
        live.RunAsync(
            http,
            async cancel =>
            {
                var after = await StartAsync(http, position, cancel);
                using var socket = await LiveSocket.AcceptAsync(http);
                await socket.RunAsync(
                    async stop =>
                    {
                        Task SendAsync(LogBlock block, long from) => socket.SendAsync(block.ToJson(from), stop);
                        var end = await FollowAsync(http, position, after, SendAsync, () => Task.CompletedTask, stop);
                        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(end, WombatJson.Options), stop);
                    },
                    cancel
                );
            }
        );

    public Task SendTextAsync(HttpContext http, LogPosition position, bool follow) =>
        live.RunAsync(
            http,
            async cancel =>
            {
                var after = await StartAsync(http, position, cancel);
                await LiveResponse.BeginAsync(http.Response, "text/plain; charset=utf-8", cancel);
                var writer = new LogTextWriter(http.Response);
                Task SendAsync(LogBlock block, long from) => writer.WriteAsync(block, from, cancel);
                if (follow)
                {
                    var end = await FollowAsync(http, position, after, SendAsync, () => Task.CompletedTask, cancel);
                    await writer.EndAsync(LastLineOf(end), cancel);
                }
                else
                {
                    await CatchUpAsync(http, position.JobId, after, SendAsync, cancel);
                }
            }
        );

    /// <summary>Checks that the caller may read, and returns the line after which the stream starts.</summary>
    private async Task<long> StartAsync(HttpContext http, LogPosition position, CancellationToken cancel)
    {
        await GetOutcomeAsync(http, position.JobId, position.After, cancel);
        return position.Tail is { } tail ? Math.Max(0, await logs.LastNumberAsync(position.JobId, cancel) - tail) : position.After;
    }

    /// <summary>Sends block after block until the job has ended.</summary>
    private async Task<JobOutcome> FollowAsync(
        HttpContext http,
        LogPosition position,
        long after,
        Func<LogBlock, long, Task> send,
        Func<Task> keepAlive,
        CancellationToken cancel
    )
    {
        var jobId = position.JobId;
        if (position.Replay is { } replay)
        {
            after = await ReplayAsync(http, jobId, after, replay, send, keepAlive, cancel);
        }

        var log = feed.Follow(jobId);
        try
        {
            var checkedAt = clock.GetTimestamp();
            while (true)
            {
                if (log.After(after) is not { } found)
                {
                    (after, var outcome) = await CatchUpAsync(http, jobId, after, send, cancel);
                    if (outcome.IsEnd)
                    {
                        return outcome;
                    }

                    checkedAt = clock.GetTimestamp();
                    log.StartAt(after);
                    continue;
                }

                after = await SendAsync(found.Blocks, after, send);
                if (found.End is { } end)
                {
                    return end;
                }

                if (found.Blocks.Count == 0)
                {
                    await WaitAsync(log, cancel);
                    await keepAlive();
                }

                if (clock.GetElapsedTime(checkedAt) >= CheckInterval)
                {
                    await GetOutcomeAsync(http, jobId, after, cancel);
                    checkedAt = clock.GetTimestamp();
                }
            }
        }
        finally
        {
            feed.Leave(jobId, log);
        }
    }

    /// <summary>Sends the stored lines in their time. Returns the number of the last line.</summary>
    private async Task<long> ReplayAsync(
        HttpContext http,
        Guid jobId,
        long after,
        LogReplay replay,
        Func<LogBlock, long, Task> send,
        Func<Task> keepAlive,
        CancellationToken cancel
    )
    {
        var checkedAt = clock.GetTimestamp();
        async Task PauseAsync(TimeSpan pause)
        {
            for (; pause > TimeSpan.Zero; pause -= CheckInterval)
            {
                await Task.Delay(pause < CheckInterval ? pause : CheckInterval, clock, cancel);
                if (clock.GetElapsedTime(checkedAt) >= CheckInterval)
                {
                    await keepAlive();
                    await GetOutcomeAsync(http, jobId, after, cancel);
                    checkedAt = clock.GetTimestamp();
                }
            }
        }

        Task SendInTimeAsync(LogBlock block, long from) => replay.SendAsync(block, from, send, PauseAsync);
        return (await CatchUpAsync(http, jobId, after, SendInTimeAsync, cancel)).After;
    }

    private async Task WaitAsync(SharedLog log, CancellationToken cancel)
    {
        try
        {
            await log.GrowAsync().WaitAsync(CheckInterval, clock, cancel);
        }
        catch (TimeoutException)
        {
            // No new lines; the caller's permission is checked again.
        }
    }

    /// <summary>Sends the stored lines. Returns the number of the last line sent, and the outcome from before the last read.</summary>
    private async Task<(long After, JobOutcome Outcome)> CatchUpAsync(
        HttpContext http,
        Guid jobId,
        long after,
        Func<LogBlock, long, Task> send,
        CancellationToken cancel
    )
    {
        while (true)
        {
            // Read before the blocks: nothing is written after the end of a job, so that these blocks are the last ones.
            var outcome = await GetOutcomeAsync(http, jobId, after, cancel);
            var from = after;
            var blocks = await live.ReadAsync(() => logs.ReadAsync(jobId, from, BlocksAtOnce, cancel), cancel);
            after = await SendAsync(blocks, after, send);
            if (blocks.Count < BlocksAtOnce)
            {
                return (after, outcome);
            }
        }
    }

    private static async Task<long> SendAsync(IReadOnlyList<LogBlock> blocks, long after, Func<LogBlock, long, Task> send)
    {
        foreach (var block in blocks)
        {
            await send(block, after);
            after = block.LastNumber;
        }

        return after;
    }

    private Task<JobOutcome> GetOutcomeAsync(HttpContext http, Guid jobId, long after, CancellationToken cancel) =>
        live.SendMessageAsync(http, new FollowJobLog(jobId, after), cancel);

    // After all lines of the job, so that a script can read the outcome from the last line.
    private static string LastLineOf(JobOutcome outcome)
    {
        var status = FieldNames.Snake(outcome.Status.ToString());
        return outcome.Error is { } error
            ? $"wombat: job {status} ({error.Code}): {ExternalText.ForTerminal(error.Message.ReplaceLineEndings(" "))}"
            : $"wombat: job {status}";
    }
}
