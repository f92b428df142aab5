using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>Waits for asynchronous work and passes its log on.</summary>
internal sealed class PveTasks(PveClient client)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <exception cref="PveException">The task failed; what has become of the guest is read from the guest.</exception>
    public async Task WaitAsync(JsonElement started, CancellationToken cancel)
    {
        if (
            started.ValueKind != JsonValueKind.String
            || started.GetString() is not { } upid
            || !upid.Contains(':', StringComparison.Ordinal)
        )
        {
            throw new PveException(PveFailure.NoResponse, "the answer names no task");
        }

        // UPID:node:… names the node to ask.
        var parts = upid.Split(':');
        var path = $"nodes/{Uri.EscapeDataString(parts[1])}/tasks/{Uri.EscapeDataString(upid)}";
        var progress = new Progress(parts.Length > 6 ? $"waiting for the task {parts[5]} of {parts[6]}" : "waiting for the task");
        var logged = 0;
        var pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            var status = await client.GetAsync($"{path}/status", cancel);
            var before = logged;
            logged = await PassLogAsync(path, logged, cancel);
            if (logged > before)
            {
                progress.Heard();
            }

            if (status.GetProperty("status").GetString() == "stopped")
            {
                var exit = status.TryGetProperty("exitstatus", out var said) ? said.GetString() ?? "" : "";
                if (exit == "OK" || exit.StartsWith("WARNINGS", StringComparison.Ordinal))
                {
                    return;
                }

                // "unexpected status": the worker died without a word; the caller looks at the guest.
                throw new PveException(PveException.Classify(500, exit), exit.Length > 0 ? exit : "the task ended without a word");
            }

            await progress.TellAsync();
            await Task.Delay(pause, cancel);
            pause = pause < Poll ? pause * 2 : Poll;
        }
    }

    private async Task<int> PassLogAsync(string path, int from, CancellationToken cancel)
    {
        JsonElement lines;
        try
        {
            lines = await client.GetAsync($"{path}/log", cancel, ("start", from.ToString()), ("limit", "500"));
        }
        catch (PveException)
        {
            return from;
        }

        foreach (var line in lines.EnumerateArray())
        {
            // An empty or unreadable log answers a line of its own, which is none of the task's.
            var text = line.GetProperty("t").GetString() ?? "";
            if (from == 0 && text is "no content" or "unable to open file")
            {
                return 0;
            }

            await Console.Error.WriteLineAsync(text);
            from++;
        }

        return from;
    }
}
