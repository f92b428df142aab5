namespace Wombat.Forge.Pve;

/// <summary>
/// Starts and stops guests and waits for the new state: the task of a guest under high availability ends when the request is
/// queued.
/// </summary>
internal sealed class PvePower(PveClient client, PveTasks tasks, PveGuests guests)
{
    private const int MaxAttempts = 30;
    private static readonly TimeSpan StateTimeout = TimeSpan.FromSeconds(50);
    private static readonly Dictionary<string, string> StartParameters = [];
    private static readonly Dictionary<string, string> ShutdownParameters = new(StringComparer.Ordinal)
    {
        ["forceStop"] = "1",
        ["timeout"] = "30",
    };

    public Task<PveGuest> StartAsync(PveGuest guest, CancellationToken cancel) =>
        ChangeStateAsync(guest, "running", "start", StartParameters, cancel);

    public Task<PveGuest> StopAsync(PveGuest guest, CancellationToken cancel) =>
        ChangeStateAsync(guest, "stopped", "shutdown", ShutdownParameters, cancel);

    public async Task<string?> StatusAsync(PveGuest guest, CancellationToken cancel) =>
        PveGuests.GetText(await client.GetAsync($"{guest.Path}/status/current", cancel), "status");

    private async Task<PveGuest> ChangeStateAsync(
        PveGuest guest,
        string target,
        string action,
        Dictionary<string, string> parameters,
        CancellationToken cancel
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await StatusAsync(guest, cancel) != target)
                {
                    await tasks.WaitAsync(await client.PostAsync($"{guest.Path}/status/{action}", parameters, cancel), cancel);
                }

                return await WaitForStateAsync(guest, target, cancel);
            }
            catch (PveException e) when (e.IsTransient && attempt < MaxAttempts)
            {
                await e.PauseAsync(cancel);
            }
            catch (PveException e) when (e.Failure is PveFailure.Other or PveFailure.Invalid or PveFailure.NotOnNode)
            {
                // Somebody else may have changed the state or moved the guest, so its state decides.
                guest = await guests.GetAsync(guest.Vmid, guest.Key, cancel);
                if (await StatusAsync(guest, cancel) != target)
                {
                    throw;
                }

                return guest;
            }
        }
    }

    private async Task<PveGuest> WaitForStateAsync(PveGuest guest, string target, CancellationToken cancel)
    {
        var progress = new Progress($"waiting until {guest.Vmid} is {target}");
        while (true)
        {
            try
            {
                if (await StatusAsync(guest, cancel) == target)
                {
                    return guest;
                }
            }
            catch (PveException e) when (e.Failure == PveFailure.NotOnNode)
            {
                // High availability may start the guest on another node.
                guest = await guests.GetAsync(guest.Vmid, guest.Key, cancel);
            }

            if (progress.Elapsed > StateTimeout)
            {
                throw new PveException(PveFailure.Unreachable, $"{guest.Vmid} is not {target} after {StateTimeout.TotalSeconds:F0} s");
            }

            await progress.ReportAsync();
            await Task.Delay(PveGuests.RetryDelay, cancel);
        }
    }
}
