using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>Reads the state of guests.</summary>
internal sealed class PveObserver(PveClient client, PveGuests guests)
{
    public async Task<Guest> DescribeAsync(PveGuest guest, CancellationToken cancel)
    {
        var current = await client.GetAsync($"{guest.Path}/status/current", cancel);
        var status =
            guest.IsTemplate ? "broken"
            : PveGuests.GetText(current, "lock") == "create" || !guest.IsFinished ? "creating"
            : PveGuests.GetText(current, "status") == "running" ? "running"
            : "stopped";
        var address = status == "running" ? await GetAddressAsync(guest, cancel) : null;
        return new Guest(
            guest.Vmid,
            PveGuests.GetText(current, "name") ?? guest.Name,
            guest.Key,
            null,
            status,
            address,
            guest.IsTemplate ? "converted to a template" : null
        )
        {
            Node = guest.Node,
            Size = guest.Size,
        };
    }

    /// <summary>Null if the guest was deleted since it was listed.</summary>
    public async Task<Guest?> TryDescribeAsync(PveGuest guest, CancellationToken cancel)
    {
        if (guest.UnreadableReason is not null)
        {
            return Unknown(guest, guest.UnreadableReason);
        }

        try
        {
            return await DescribeAsync(guest, cancel);
        }
        catch (PveException e)
        {
            return e.Failure == PveFailure.NotOnNode && await guests.TryGetAsync(guest.Vmid, guest.Key, cancel) is null
                ? null
                : Unknown(guest, e.Message);
        }
    }

    private static Guest Unknown(PveGuest guest, string reason) =>
        new(guest.Vmid, guest.Name, guest.Key, null, "unknown", null, reason) { Node = guest.Node };

    private async Task<string?> GetAddressAsync(PveGuest guest, CancellationToken cancel)
    {
        try
        {
            var interfaces = await client.GetAsync($"{guest.Path}/interfaces", cancel);
            return interfaces.ValueKind != JsonValueKind.Array
                ? null
                : interfaces
                    .EnumerateArray()
                    .Where(i => PveGuests.GetText(i, "name") != "lo")
                    .Select(i => PveGuests.GetText(i, "inet")?.Split('/')[0])
                    .FirstOrDefault(a => a is not null && !a.StartsWith("169.254.", StringComparison.Ordinal));
        }
        catch (PveException)
        {
            // The address is not known yet; the next observation reads it again.
            return null;
        }
    }
}
