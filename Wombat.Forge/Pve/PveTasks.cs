using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>Waits for Proxmox VE tasks and forwards their logs.</summary>
internal sealed class PveTasks(PveClient client)
{
    private static readonly TimeSpan MaxPollInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Grows the root file system to a size such as 8G.</summary>
    public async Task GrowAsync(PveGuest guest, string size, CancellationToken cancel)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal) { ["disk"] = "rootfs", ["size"] = size };

        // Answers with a task, or with nothing when the disk has this size already.
        if (await client.PutAsync($"{guest.Path}/resize", parameters, cancel) is { ValueKind: JsonValueKind.String } task)
        {
            await WaitAsync(task, cancel);
        }
    }

    /// <exception cref="PveException">The task failed. The caller reads the state of the guest.</exception>
    public async Task WaitAsync(JsonElement started, CancellationToken cancel)
    {
        if (
            started.ValueKind != JsonValueKind.String
            || started.GetString() is not { } upid
            || !upid.Contains(':', StringComparison.Ordinal)
        )
        {
            throw new PveException(PveFailure.NoResponse, "the response contains no task id");
        }

        // The task id has the form UPID:node:…
        var parts = upid.Split(':');
        var path = $"nodes/{Uri.EscapeDataString(parts[1])}/tasks/{Uri.EscapeDataString(upid)}";
        var progress = new Progress(parts.Length > 6 ? $"waiting for task {parts[5]} of guest {parts[6]}" : "waiting for the task");
        var logged = 0;
        var pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            var status = await client.GetAsync($"{path}/status", cancel);
            var before = logged;
            logged = await ForwardLogAsync(path, logged, cancel);
            if (logged > before)
            {
                progress.OutputReceived();
            }

            if (status.GetProperty("status").GetString() == "stopped")
            {
                var exit = status.TryGetProperty("exitstatus", out var value) ? value.GetString() ?? "" : "";
                if (exit == "OK" || exit.StartsWith("WARNINGS", StringComparison.Ordinal))
                {
                    return;
                }

                // "unexpected status": the worker ended without reporting a result.
                throw new PveException(PveException.Classify(500, exit), exit.Length > 0 ? exit : "the task ended without a status");
            }

            await progress.ReportAsync();
            await Task.Delay(pause, cancel);
            pause = pause < MaxPollInterval ? pause * 2 : MaxPollInterval;
        }
    }

    /// <summary>
    /// Waits until no snapshot of the guest is made, deleted or rolled back to any more, such as by a call whose answer was lost. How
    /// that ended can be read from the guest.
    /// </summary>
    public async Task WaitForSnapshotsAsync(PveGuest guest, CancellationToken cancel)
    {
        var active = await client.GetAsync($"nodes/{guest.Node}/tasks", cancel, ("source", "active"), ("vmid", guest.Vmid));
        foreach (var task in active.EnumerateArray())
        {
            if (
                PveGuests.GetText(task, "type") is "vzsnapshot" or "vzdelsnapshot" or "vzrollback"
                && PveGuests.GetText(task, "status") is null
            )
            {
                try
                {
                    await WaitAsync(task.GetProperty("upid"), cancel);
                }
                catch (PveException e)
                {
                    await Console.Error.WriteLineAsync(e.Message);
                }
            }
        }
    }

    private async Task<int> ForwardLogAsync(string path, int from, CancellationToken cancel)
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
            // For an empty or unreadable log the API returns a placeholder line that is not part of the log.
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
