using System.Globalization;
using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>
/// Containers of a Proxmox VE. What forge made bears its key in the description (and, where tags are free, as a tag); the
/// key is compared before anything is adopted or deleted, since ids are reused and names are not unique.
/// </summary>
internal sealed class PveBackend : IBackend
{
    private const string Marker = "wombat-key: ";
    private const string Tag = "wombat";
    private const int Tries = 30;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(400);
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly PveSettings settings;
    private readonly PveClient client;
    private readonly PveTasks tasks;

    private PveBackend(PveSettings settings)
    {
        this.settings = settings;
        client = new PveClient(settings);
        tasks = new PveTasks(client);
    }

    public static PveBackend FromEnvironment() => new(PveSettings.Read());

    public Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel) => ToForge(async () =>
    {
        if (!settings.Templates.TryGetValue(request.Template, out var source))
        {
            throw new ForgeException(ExitCode.Usage, $"--template: is not one of {string.Join(", ", settings.Templates.Keys)}");
        }

        var key = request.Key ?? request.Name;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await FindAsync(key, cancel) is not { } guest)
                {
                    guest = await MakeAsync(request, key, source, cancel);
                }

                await StartAsync(guest, cancel);
                return await DescribeAsync(guest, cancel);
            }
            catch (PveException e) when (attempt < Tries && e.Failure is PveFailure.Exists or PveFailure.Locked or PveFailure.Unheard)
            {
                // The id went to another, something is locked, or nobody knows what happened: look again, then go on.
                await Console.Error.WriteLineAsync($"{e.Message}; looking again");
                await Task.Delay(LockPause, cancel);
            }
        }
    });

    public Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel) => ToForge<IReadOnlyList<Guest>>(async () =>
    {
        var guests = new List<Guest>();
        foreach (var known in await GuestsAsync(cancel))
        {
            if (known.Tags.Contains(Tag, StringComparer.Ordinal) || known.Tags.Count == 0)
            {
                try
                {
                    var config = await ConfigAsync(known, cancel);
                    if (KeyOf(config) is { } key)
                    {
                        guests.Add(await DescribeAsync(known with { Key = key }, cancel));
                    }
                }
                catch (PveException e) when (e.Failure is PveFailure.Missing or PveFailure.Refused)
                {
                    // Gone since the list was made, or not ours to see.
                }
            }
        }

        return guests;
    });

    public Task<Guest> StatusAsync(string id, CancellationToken cancel) => ToForge(async () => await DescribeAsync(await OursAsync(id, null, cancel), cancel));

    public Task<Guest> StartAsync(string id, CancellationToken cancel) => OperateAsync(id, (guest, token) => StartAsync(guest, token), cancel);

    public Task<Guest> StopAsync(string id, CancellationToken cancel) => OperateAsync(id, StopAsync, cancel);

    public Task<Guest> RestartAsync(string id, CancellationToken cancel) => OperateAsync(
        id,
        async (guest, token) =>
        {
            await StopAsync(guest, token);
            await StartAsync(guest, token);
        },
        cancel);

    public Task DeleteAsync(string id, string? key, CancellationToken cancel) => ToForge(async () =>
    {
        var guest = await OursAsync(id, key, cancel);
        await PatientlyAsync(
            async () =>
            {
                // The task is waited for, never the id's absence: a stranger may get the freed id at once.
                var upid = await client.DeleteAsync(guest.Path, cancel, ("purge", "1"), ("force", "1"), ("destroy-unreferenced-disks", "1"));
                await tasks.WaitAsync(upid.GetString()!, cancel);
            },
            PveFailure.Missing,
            cancel);
        return true;
    });

    public Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel) =>
        throw new ForgeException(ExitCode.Usage, "Proxmox VE takes the keys of a container only when it is made");

    public Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel) => ToForge<IReadOnlyList<string>>(async () =>
    {
        var guest = await OursAsync(id, null, cancel);
        var recent = await client.GetAsync($"nodes/{guest.Node}/tasks", cancel, ("vmid", id), ("source", "all"), ("limit", "20"));
        return [.. recent.EnumerateArray().Select(t => $"{Text(t, "type")} {Text(t, "status") ?? "running"}")];
    });

    public Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Template>>([.. settings.Templates.Select(t => new Template(t.Key, t.Value, AcceptsSshKeys: !IsClone(t.Value, out _), ChangesSshKeys: false))]);

    public Task<string> HealthAsync(CancellationToken cancel) => ToForge(async () =>
    {
        var version = await client.GetAsync("version", cancel);
        return $"Proxmox VE {Text(version, "version")} at {settings.Url.Host}, node {settings.Node}";
    });

    private static bool IsClone(string source, out string vmid)
    {
        const string Prefix = "clone:";
        vmid = source.StartsWith(Prefix, StringComparison.Ordinal) ? source[Prefix.Length..] : "";
        return vmid.Length > 0;
    }

    private async Task<PveGuest> MakeAsync(CreateRequest request, string key, string source, CancellationToken cancel)
    {
        // nextid reserves nothing: whoever posts first has it.
        var vmid = (await client.GetAsync("cluster/nextid", cancel)).ToString();
        var guest = new PveGuest(vmid, settings.Node, request.Name, [], key);
        await Console.Error.WriteLineAsync($"making {request.Name} as {vmid}");
        if (IsClone(source, out var template))
        {
            var upid = await client.PostAsync($"nodes/{settings.Node}/lxc/{template}/clone", Parameters(
                ("newid", vmid), ("hostname", request.Name), ("full", "1"), ("description", Marker + key), ("storage", settings.Storage), ("pool", settings.Pool)), cancel);
            await tasks.WaitAsync(upid.GetString()!, cancel);
            await client.PutAsync($"{guest.Path}/config", Parameters(("cores", Number(request.Cpu)), ("memory", Number(request.Memory)), ("description", Marker + key)), cancel);
        }
        else
        {
            // start=0: a create that starts does so in a second task that nobody is told of.
            var upid = await client.PostAsync($"nodes/{settings.Node}/lxc", Parameters(
                ("vmid", vmid), ("ostemplate", source), ("hostname", request.Name), ("rootfs", $"{settings.Storage}:{Number(request.Disk ?? 4)}"),
                ("cores", Number(request.Cpu)), ("memory", Number(request.Memory)), ("unprivileged", "1"), ("start", "0"), ("description", Marker + key), ("pool", settings.Pool),
                ("net0", settings.Bridge is null ? null : $"name=eth0,bridge={settings.Bridge},ip=dhcp"),
                ("ssh-public-keys", request.SshKeys.Count == 0 ? null : string.Join('\n', request.SshKeys))), cancel);
            await tasks.WaitAsync(upid.GetString()!, cancel);
        }

        await TagAsync(guest, key, cancel);
        return guest;
    }

    // A datacenter may allow registered tags only; the description is what counts.
    private async Task TagAsync(PveGuest guest, string key, CancellationToken cancel)
    {
        try
        {
            await client.PutAsync($"{guest.Path}/config", Parameters(("tags", $"{Tag};{key.ToLowerInvariant()}")), cancel);
        }
        catch (PveException e) when (e.Failure is PveFailure.Refused or PveFailure.Invalid)
        {
            await Console.Error.WriteLineAsync($"not tagged: {e.Message}");
        }
    }

    /// <summary>
    /// What bears the key. A create that nobody heard of may still be under way: such a guest is locked and bears nothing
    /// yet, so those that our own user is creating right now are waited for before the answer is no.
    /// </summary>
    private async Task<PveGuest?> FindAsync(string key, CancellationToken cancel)
    {
        while (true)
        {
            var unclear = false;
            foreach (var guest in await GuestsAsync(cancel))
            {
                try
                {
                    var config = await ConfigAsync(guest, cancel);
                    var found = KeyOf(config);
                    var isLocked = Text(config, "lock") is "create" or "disk";
                    if (found == key && !isLocked)
                    {
                        return guest with { Key = key };
                    }

                    unclear |= isLocked && (found is null || found == key) && await IsBeingMadeAsync(guest, cancel);
                }
                catch (PveException e) when (e.Failure is PveFailure.Missing or PveFailure.Refused)
                {
                    // Gone again; or with rights through a pool alone, unreadable until its create has ended.
                    unclear |= e.Failure == PveFailure.Refused && await IsBeingMadeAsync(guest, cancel);
                }
            }

            if (!unclear)
            {
                return null;
            }

            await Task.Delay(LockPause, cancel);
        }
    }

    private async Task<bool> IsBeingMadeAsync(PveGuest guest, CancellationToken cancel)
    {
        var user = settings.Token.Split('!')[0];
        var active = await client.GetAsync($"nodes/{guest.Node}/tasks", cancel, ("source", "active"), ("vmid", guest.Vmid));
        return active.EnumerateArray().Any(t => Text(t, "type") is "vzcreate" or "vzclone" && Text(t, "user") is { } by && by.Split('!')[0] == user && Text(t, "status") is null);
    }

    private async Task StartAsync(PveGuest guest, CancellationToken cancel) => await PatientlyAsync(
        async () =>
        {
            if (await StatusOfAsync(guest, cancel) != "running")
            {
                var upid = await client.PostAsync($"{guest.Path}/status/start", Nothing, cancel);
                await tasks.WaitAsync(upid.GetString()!, cancel);
            }
        },
        PveFailure.AlreadyAsWished,
        cancel);

    private async Task StopAsync(PveGuest guest, CancellationToken cancel) => await PatientlyAsync(
        async () =>
        {
            if (await StatusOfAsync(guest, cancel) != "stopped")
            {
                var upid = await client.PostAsync($"{guest.Path}/status/shutdown", Parameters(("forceStop", "1"), ("timeout", "30")), cancel);
                await tasks.WaitAsync(upid.GetString()!, cancel);
            }
        },
        PveFailure.AlreadyAsWished,
        cancel);

    private Task<Guest> OperateAsync(string id, Func<PveGuest, CancellationToken, Task> operate, CancellationToken cancel) => ToForge(async () =>
    {
        var guest = await OursAsync(id, null, cancel);
        await operate(guest, cancel);
        return await DescribeAsync(guest, cancel);
    });

    /// <summary>Repeats while something is locked; takes <paramref name="fine"/> for done.</summary>
    private static async Task PatientlyAsync(Func<Task> work, PveFailure fine, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await work();
                return;
            }
            catch (PveException e) when (e.Failure == fine)
            {
                return;
            }
            catch (PveException e) when (e.Failure == PveFailure.Locked && attempt < Tries)
            {
                await Console.Error.WriteLineAsync($"{e.Message}; trying again");
                await Task.Delay(LockPause, cancel);
            }
        }
    }

    private async Task<PveGuest> OursAsync(string id, string? key, CancellationToken cancel)
    {
        // The node is asked for every time: a guest may have migrated.
        var guest = (await GuestsAsync(cancel)).FirstOrDefault(g => g.Vmid == id) ?? throw new ForgeException(ExitCode.NotFound, $"there is no container {id}");
        var found = KeyOf(await ConfigAsync(guest, cancel));
        return found is null || key is not null && found != key
            ? throw new ForgeException(ExitCode.NotFound, $"there is no container {id} of Wombat's")
            : guest with { Key = found };
    }

    private async Task<List<PveGuest>> GuestsAsync(CancellationToken cancel) =>
        [.. (await client.GetAsync("cluster/resources", cancel, ("type", "vm"))).EnumerateArray()
            .Where(g => Text(g, "type") == "lxc" && Text(g, "template") is not "1")
            .Select(g => new PveGuest(Text(g, "vmid")!, Text(g, "node")!, Text(g, "name") ?? "", Text(g, "tags")?.Split(';') ?? [], null))];

    private Task<JsonElement> ConfigAsync(PveGuest guest, CancellationToken cancel) => client.GetAsync($"{guest.Path}/config", cancel);

    private async Task<string?> StatusOfAsync(PveGuest guest, CancellationToken cancel) => Text(await client.GetAsync($"{guest.Path}/status/current", cancel), "status");

    private async Task<Guest> DescribeAsync(PveGuest guest, CancellationToken cancel)
    {
        var current = await client.GetAsync($"{guest.Path}/status/current", cancel);
        var status = Text(current, "lock") == "create" ? "creating" : Text(current, "status") == "running" ? "running" : "stopped";
        var address = status == "running" ? await AddressAsync(guest, cancel) : null;
        return new Guest(guest.Vmid, Text(current, "name") ?? guest.Name, guest.Key, null, status, address, null);
    }

    private async Task<string?> AddressAsync(PveGuest guest, CancellationToken cancel)
    {
        try
        {
            var interfaces = await client.GetAsync($"{guest.Path}/interfaces", cancel);
            return interfaces.ValueKind != JsonValueKind.Array ? null : interfaces.EnumerateArray()
                .Where(i => Text(i, "name") != "lo")
                .Select(i => Text(i, "inet")?.Split('/')[0])
                .FirstOrDefault(a => a is not null && !a.StartsWith("169.254.", StringComparison.Ordinal));
        }
        catch (PveException)
        {
            // Not known yet; it is looked for again.
            return null;
        }
    }

    private static string? KeyOf(JsonElement config) =>
        Text(config, "description")?.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith(Marker, StringComparison.Ordinal))?[Marker.Length..];

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : null;

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Parameters(params (string Name, string? Value)[] all) =>
        all.Where(p => p.Value is not null).ToDictionary(p => p.Name, p => p.Value!, StringComparer.Ordinal);

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

    private sealed record PveGuest(string Vmid, string Node, string Name, IReadOnlyList<string> Tags, string? Key)
    {
        public string Path => $"nodes/{Node}/lxc/{Vmid}";
    }
}
