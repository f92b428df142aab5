namespace Wombat.Forge.Pve;

/// <summary>Starts and stops guests, and looks whether they did: the task of a guest that the cluster's HA manages ends when the request is queued.</summary>
internal sealed class PvePower(PveClient client, PveTasks tasks, PveGuests guests)
{
    private const int Tries = 30;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(50);
    private static readonly Dictionary<string, string> Nothing = [];
    private static readonly Dictionary<string, string> Firmly = new(StringComparer.Ordinal) { ["forceStop"] = "1", ["timeout"] = "30" };

    public Task<PveGuest> StartAsync(PveGuest guest, CancellationToken cancel) => BringAsync(guest, "running", "start", Nothing, cancel);

    public Task<PveGuest> StopAsync(PveGuest guest, CancellationToken cancel) => BringAsync(guest, "stopped", "shutdown", Firmly, cancel);

    public async Task<string?> StatusAsync(PveGuest guest, CancellationToken cancel) =>
        PveGuests.Text(await client.GetAsync($"{guest.Path}/status/current", cancel), "status");

    private async Task<PveGuest> BringAsync(
        PveGuest guest,
        string wanted,
        string action,
        Dictionary<string, string> parameters,
        CancellationToken cancel
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await StatusAsync(guest, cancel) != wanted)
                {
                    await tasks.WaitAsync(await client.PostAsync($"{guest.Path}/status/{action}", parameters, cancel), cancel);
                }

                return await UntilAsync(guest, wanted, cancel);
            }
            catch (PveException e) when (e.IsTransient && attempt < Tries)
            {
                await Console.Error.WriteLineAsync($"{e.Message}; trying again");
                await Task.Delay(PveGuests.Pause, cancel);
            }
            catch (PveException e) when (e.Failure is PveFailure.Other or PveFailure.Invalid or PveFailure.NotThere)
            {
                // Somebody else may have done it, or moved the guest; the guest itself says so.
                guest = await guests.GetAsync(guest.Vmid, guest.Key, cancel);
                if (await StatusAsync(guest, cancel) != wanted)
                {
                    throw;
                }

                return guest;
            }
        }
    }

    private async Task<PveGuest> UntilAsync(PveGuest guest, string wanted, CancellationToken cancel)
    {
        var progress = new Progress($"waiting until {guest.Vmid} is {wanted}");
        while (true)
        {
            try
            {
                if (await StatusAsync(guest, cancel) == wanted)
                {
                    return guest;
                }
            }
            catch (PveException e) when (e.Failure == PveFailure.NotThere)
            {
                // HA may start it on another node.
                guest = await guests.GetAsync(guest.Vmid, guest.Key, cancel);
            }

            if (progress.Elapsed > Longest)
            {
                throw new PveException(
                    PveFailure.Unreachable,
                    $"{guest.Vmid} is not {wanted} {Longest.TotalSeconds:F0} s after that was asked for"
                );
            }

            await progress.TellAsync();
            await Task.Delay(PveGuests.Pause, cancel);
        }
    }
}
