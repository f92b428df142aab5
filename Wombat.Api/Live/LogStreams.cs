using System.Text;
using System.Text.Json;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>A job's log while it grows: every line once, in order, from any line on, until the job has ended.</summary>
internal sealed class LogStreams(LiveResponse live, IJobLogReader logs, INotificationBus notifications, TimeProvider clock)
{
    // What a stream holds in memory while its reader is slow.
    private const int BlocksAtOnce = 2;

    // A signal that got lost, or a job ended by another replica, is noticed after this.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    public Task SendEventsAsync(HttpContext http, Guid jobId, long after) =>
        live.RunAsync(
            http,
            async cancel =>
            {
                await StateAsync(http, jobId, after, cancel);
                var writer = new EventStreamWriter(http.Response, clock);
                await writer.StartAsync(cancel);
                var end = await FollowAsync(
                    http,
                    jobId,
                    after,
                    follow: true,
                    block => writer.SendAsync(block.LastNumber, block.Json, cancel),
                    () => writer.KeepAliveAsync(cancel),
                    cancel
                );
                await writer.SendAsync("end", EndOf(end!), cancel);
            }
        );

    /// <summary>A message for each block, as in the events; a last one with the outcome.</summary>
    public Task SendMessagesAsync(HttpContext http, Guid jobId, long after) =>
        live.RunAsync(
            http,
            async cancel =>
            {
                await StateAsync(http, jobId, after, cancel);
                using var socket = await LiveSocket.AcceptAsync(http);
                await socket.RunAsync(
                    async stop =>
                    {
                        var end = await FollowAsync(
                            http,
                            jobId,
                            after,
                            follow: true,
                            block => socket.SendAsync(block.Json, stop),
                            () => Task.CompletedTask,
                            stop
                        );
                        await socket.SendAsync(EndOf(end!), stop);
                    },
                    cancel
                );
            }
        );

    public Task SendTextAsync(HttpContext http, Guid jobId, long after, bool follow) =>
        live.RunAsync(
            http,
            async cancel =>
            {
                await StateAsync(http, jobId, after, cancel);
                await LiveResponse.BeginAsync(http.Response, "text/plain; charset=utf-8", cancel);
                var end = await FollowAsync(
                    http,
                    jobId,
                    after,
                    follow,
                    block => WriteTextAsync(http, block, cancel),
                    () => Task.CompletedTask,
                    cancel
                );
                if (follow)
                {
                    await http.Response.WriteAsync(LastLineOf(end!), cancel);
                }
            }
        );

    /// <summary>Sends block after block. Answers how the job ended, or null where it did not within a reading without follow.</summary>
    private async Task<JobOutcome?> FollowAsync(
        HttpContext http,
        Guid jobId,
        long after,
        bool follow,
        Func<LogBlock, Task> send,
        Func<Task> keepAlive,
        CancellationToken cancel
    )
    {
        using var growth = notifications.Subscribe(Topics.Log(jobId));
        while (true)
        {
            // Read before the blocks: nothing is written after the end, so nothing more can come behind them.
            var outcome = await StateAsync(http, jobId, after, cancel);
            var from = after;
            var blocks = await live.ReadAsync(() => logs.ReadAsync(jobId, from, BlocksAtOnce, cancel), cancel);
            foreach (var block in blocks)
            {
                await send(after < block.FirstNumber ? block : Behind(block, after));
                after = block.LastNumber;
            }

            if (blocks.Count == BlocksAtOnce)
            {
                continue;
            }

            if (outcome.IsEnd)
            {
                return outcome;
            }

            if (!follow)
            {
                return null;
            }

            await growth.WaitAsync(PollInterval, cancel);
            await keepAlive();
        }
    }

    private Task<JobOutcome> StateAsync(HttpContext http, Guid jobId, long after, CancellationToken cancel) =>
        live.AskAsync(http, new FollowJobLog(jobId, after), cancel);

    private static string EndOf(JobOutcome outcome) => JsonSerializer.Serialize(outcome, WombatJson.Options);

    // Behind every line of the job, so that a script learns from the last line how the job ended.
    private static string LastLineOf(JobOutcome outcome)
    {
        var status = FieldNames.Snake(outcome.Status.ToString());
        return outcome.Error is { } error
            ? $"wombat: job {status} ({error.Code}): {ExternalText.ForTerminal(error.Message.ReplaceLineEndings(" "))}\n"
            : $"wombat: job {status}\n";
    }

    private static LogBlock Behind(LogBlock block, long after)
    {
        var rest = JsonSerializer.Deserialize<LogLine[]>(block.Json, WombatJson.Options)!.Where(l => l.Number > after).ToArray();
        return new LogBlock(after + 1, rest.Length, JsonSerializer.Serialize(rest, WombatJson.Options));
    }

    private static async Task WriteTextAsync(HttpContext http, LogBlock block, CancellationToken cancel)
    {
        var text = new StringBuilder();
        foreach (var line in JsonSerializer.Deserialize<LogLine[]>(block.Json, WombatJson.Options)!)
        {
            text.Append(ExternalText.ForTerminal(line.Text)).Append('\n');
        }

        await http.Response.WriteAsync(text.ToString(), cancel);
        await http.Response.Body.FlushAsync(cancel);
    }
}
