using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>
/// Containers of a Proxmox VE. What forge made bears its key in the description and, where tags are free, as a tag.
/// </summary>
internal sealed class PveBackend : IBackend
{
    private const int Tries = 30;

    private readonly PveSettings settings;
    private readonly PveClient client;
    private readonly PveTasks tasks;
    private readonly PveGuests guests;
    private readonly PvePower power;
    private readonly PveCreation creation;

    private PveBackend(PveSettings settings)
    {
        this.settings = settings;
        client = new PveClient(settings);
        tasks = new PveTasks(client);
        guests = new PveGuests(client, settings);
        power = new PvePower(client, tasks, guests);
        creation = new PveCreation(client, settings, tasks, guests, power);
    }

    public static PveBackend FromEnvironment() => new(PveSettings.Read());

    public Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel) =>
        ToForge(async () => await DescribeAsync(await creation.CreateAsync(request, cancel), cancel));

    public Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel) =>
        ToForge<IReadOnlyList<Guest>>(async () =>
        {
            var listed = new List<Guest>();
            foreach (var some in (await guests.ScanAsync(cancel)).Where(g => g.Key is not null || g.Unreadable is not null).Chunk(8))
            {
                listed.AddRange((await Task.WhenAll(some.Select(g => TryDescribeAsync(g, cancel)))).OfType<Guest>());
            }

            return listed;
        });

    public Task<Guest> StatusAsync(string id, string? key, CancellationToken cancel) =>
        ToForge(async () => await DescribeAsync(await guests.GetAsync(id, key, cancel), cancel));

    public Task<Guest> StartAsync(string id, string? key, CancellationToken cancel) => OperateAsync(id, key, power.StartAsync, cancel);

    public Task<Guest> StopAsync(string id, string? key, CancellationToken cancel) => OperateAsync(id, key, power.StopAsync, cancel);

    public Task<Guest> RestartAsync(string id, string? key, CancellationToken cancel) =>
        OperateAsync(id, key, async (guest, token) => await power.StartAsync(await power.StopAsync(guest, token), token), cancel);

    public Task DeleteAsync(string id, string? key, CancellationToken cancel) =>
        ToForge(async () =>
        {
            var guest = await guests.GetAsync(id, key, cancel);
            await TellOfCopiesAsync(guest, cancel);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    // The task is waited for, never the id's absence: a stranger may get the freed id at once.
                    await tasks.WaitAsync(
                        await client.DeleteAsync(guest.Path, cancel, ("purge", "1"), ("force", "1"), ("destroy-unreferenced-disks", "1")),
                        cancel
                    );
                    return true;
                }
                catch (PveException e)
                {
                    // Whatever the text says: it is deleted when the cluster no longer has it, and only then.
                    if (await guests.TryGetAsync(id, guest.Key, cancel) is not { } still)
                    {
                        await Console.Error.WriteLineAsync($"{e.Message}; but {id} is gone");
                        return true;
                    }

                    if (attempt >= Tries || !(e.IsTransient || still.Node != guest.Node))
                    {
                        throw;
                    }

                    guest = still;
                    await Console.Error.WriteLineAsync($"{e.Message}; trying again");
                    await Task.Delay(PveGuests.Pause, cancel);
                }
            }
        });

    public Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel) =>
        throw new ForgeException(ExitCode.Usage, "Proxmox VE takes the keys of a container only when it is made");

    public Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel) =>
        ToForge<IReadOnlyList<string>>(async () =>
        {
            var guest = await guests.GetAsync(id, null, cancel);
            var recent = await client.GetAsync($"nodes/{guest.Node}/tasks", cancel, ("vmid", id), ("source", "all"), ("limit", "20"));
            return [.. recent.EnumerateArray().Select(t => $"{PveGuests.Text(t, "type")} {PveGuests.Text(t, "status") ?? "running"}")];
        });

    public Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Template>>([
            .. settings.Templates.Select(t => new Template(
                t.Key,
                t.Value,
                AcceptsSshKeys: PveCreation.CloneOf(t.Value) is null,
                ChangesSshKeys: false
            )),
        ]);

    public Task<string> HealthAsync(CancellationToken cancel) =>
        ToForge(async () =>
        {
            var version = PveGuests.Text(await client.GetAsync("version", cancel), "version");
            await client.GetAsync($"nodes/{settings.Node}/tasks", cancel, ("limit", "1"));
            var all = await guests.ScanAsync(cancel);
            var said = new List<string>
            {
                $"Proxmox VE {version} at {settings.Url.Host}, node {settings.Node}, {all.Count(g => g.Key is not null)} containers",
            };
            said.AddRange(
                all.Where(g => g.Key is not null)
                    .GroupBy(g => g.Key, StringComparer.Ordinal)
                    .Where(k => k.Count() > 1)
                    .Select(k => $"the guests {string.Join(", ", k.Select(g => g.Vmid))} bear the same key, so all but one are copies")
            );
            said.AddRange(
                all.Where(g => g.IsUnreachable)
                    .GroupBy(g => g.Node, StringComparer.Ordinal)
                    .Select(n => $"node {n.Key} is unreachable with {n.Count()} guests")
            );
            return string.Join("; ", said);
        });

    private Task<Guest> OperateAsync(
        string id,
        string? key,
        Func<PveGuest, CancellationToken, Task<PveGuest>> operate,
        CancellationToken cancel
    ) => ToForge(async () => await DescribeAsync(await operate(await guests.GetAsync(id, key, cancel), cancel), cancel));

    private async Task TellOfCopiesAsync(PveGuest guest, CancellationToken cancel)
    {
        foreach (var copy in (await guests.ScanAsync(cancel)).Where(g => g.Key == guest.Key && g.Vmid != guest.Vmid))
        {
            await Console.Error.WriteLineAsync(
                $"the guest {copy.Vmid} ({copy.Name}) bears the same key: a copy made outside Wombat, which is left alone"
            );
        }
    }

    // Null where it is gone since it was listed.
    private async Task<Guest?> TryDescribeAsync(PveGuest guest, CancellationToken cancel)
    {
        if (guest.Unreadable is not null)
        {
            return Unknown(guest, guest.Unreadable);
        }

        try
        {
            return await DescribeAsync(guest, cancel);
        }
        catch (PveException e)
        {
            return e.Failure == PveFailure.NotThere && await guests.TryGetAsync(guest.Vmid, guest.Key, cancel) is null
                ? null
                : Unknown(guest, e.Message);
        }
    }

    private static Guest Unknown(PveGuest guest, string reason) => new(guest.Vmid, guest.Name, guest.Key, null, "unknown", null, reason);

    private async Task<Guest> DescribeAsync(PveGuest guest, CancellationToken cancel)
    {
        var current = await client.GetAsync($"{guest.Path}/status/current", cancel);
        var status =
            guest.IsTemplate ? "broken"
            : PveGuests.Text(current, "lock") == "create" || !guest.IsFinished ? "creating"
            : PveGuests.Text(current, "status") == "running" ? "running"
            : "stopped";
        var address = status == "running" ? await AddressAsync(guest, cancel) : null;
        return new Guest(
            guest.Vmid,
            PveGuests.Text(current, "name") ?? guest.Name,
            guest.Key,
            null,
            status,
            address,
            guest.IsTemplate ? "it was made a template" : null
        );
    }

    private async Task<string?> AddressAsync(PveGuest guest, CancellationToken cancel)
    {
        try
        {
            var interfaces = await client.GetAsync($"{guest.Path}/interfaces", cancel);
            return interfaces.ValueKind != JsonValueKind.Array
                ? null
                : interfaces
                    .EnumerateArray()
                    .Where(i => PveGuests.Text(i, "name") != "lo")
                    .Select(i => PveGuests.Text(i, "inet")?.Split('/')[0])
                    .FirstOrDefault(a => a is not null && !a.StartsWith("169.254.", StringComparison.Ordinal));
        }
        catch (PveException)
        {
            // Not known yet; it is looked for again.
            return null;
        }
    }

    private static async Task<T> ToForge<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (PveException e)
        {
            throw e.ToForge();
        }
    }
}
