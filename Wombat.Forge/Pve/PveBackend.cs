using System.Globalization;
using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>
/// Containers of a Proxmox VE. What forge made bears its key in the description and, where tags are free, as a tag.
/// </summary>
internal sealed class PveBackend : IBackend
{
    private const int Tries = 30;
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly PveSettings settings;
    private readonly PveClient client;
    private readonly PveTasks tasks;
    private readonly PveGuests guests;

    private PveBackend(PveSettings settings)
    {
        this.settings = settings;
        client = new PveClient(settings);
        tasks = new PveTasks(client);
        guests = new PveGuests(client, settings);
    }

    public static PveBackend FromEnvironment() => new(PveSettings.Read());

    public Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel) => ToForge(async () =>
    {
        if (!settings.Templates.TryGetValue(request.Template, out var source))
        {
            throw new ForgeException(ExitCode.Usage, $"--template: is not one of {string.Join(", ", settings.Templates.Keys)}");
        }

        var template = CloneOf(source);
        if (template is not null && (request.SshKeys.Count > 0 || request.Disk is not null))
        {
            throw new ForgeException(ExitCode.Usage, $"{(request.Disk is null ? "--ssh-key-file" : "--disk")}: {request.Template} is cloned, keys and disk are as in what it is cloned from");
        }

        var key = request.Key ?? request.Name;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var guest = await guests.FindAsync(key, template, cancel) ?? await MakeAsync(request, key, source, cancel);
                await (guest.IsFinished ? StartAsync(guest, cancel) : FinishAsync(guest, request, key, cancel));
                return await DescribeAsync(guest with { IsFinished = true }, cancel);
            }
            catch (PveException e) when (attempt < Tries && e.Failure is PveFailure.Exists or PveFailure.Locked or PveFailure.Unheard)
            {
                // The id went to another, something is locked, or nobody knows what happened: look again, then go on.
                await Console.Error.WriteLineAsync($"{e.Message}; looking again");
                await Task.Delay(PveGuests.Pause, cancel);
            }
        }
    });

    public Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel) => ToForge<IReadOnlyList<Guest>>(async () =>
    {
        var all = new List<Guest>();
        foreach (var guest in await guests.OursAsync(cancel))
        {
            try
            {
                all.Add(await DescribeAsync(guest, cancel));
            }
            catch (PveException e) when (e.Failure == PveFailure.Missing)
            {
                // Gone since the list was made.
            }
        }

        return all;
    });

    public Task<Guest> StatusAsync(string id, CancellationToken cancel) => ToForge(async () => await DescribeAsync(await guests.OursAsync(id, null, cancel), cancel));

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
        var guest = await guests.OursAsync(id, key, cancel);
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
        var guest = await guests.OursAsync(id, null, cancel);
        var recent = await client.GetAsync($"nodes/{guest.Node}/tasks", cancel, ("vmid", id), ("source", "all"), ("limit", "20"));
        return [.. recent.EnumerateArray().Select(t => $"{PveGuests.Text(t, "type")} {PveGuests.Text(t, "status") ?? "running"}")];
    });

    public Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Template>>([.. settings.Templates.Select(t => new Template(t.Key, t.Value, AcceptsSshKeys: CloneOf(t.Value) is null, ChangesSshKeys: false))]);

    public Task<string> HealthAsync(CancellationToken cancel) => ToForge(async () =>
    {
        var version = await client.GetAsync("version", cancel);
        return $"Proxmox VE {PveGuests.Text(version, "version")} at {settings.Url.Host}, node {settings.Node}";
    });

    // The id of the container to clone; null for a template volume.
    private static string? CloneOf(string source)
    {
        const string Prefix = "clone:";
        return source.StartsWith(Prefix, StringComparison.Ordinal) ? source[Prefix.Length..] : null;
    }

    private async Task<PveGuest> MakeAsync(CreateRequest request, string key, string source, CancellationToken cancel)
    {
        // nextid reserves nothing: whoever posts first has it.
        var vmid = (await client.GetAsync("cluster/nextid", cancel)).ToString();
        await Console.Error.WriteLineAsync($"making {request.Name} as {vmid}");
        var description = PveGuests.Describe(key, isFinished: false);

        // start=0: a create that starts does so in a second task that nobody is told of.
        var upid = CloneOf(source) is { } template
            ? await client.PostAsync($"nodes/{settings.Node}/lxc/{template}/clone", Parameters(
                ("newid", vmid), ("hostname", request.Name), ("full", "1"), ("description", description), ("storage", settings.Storage), ("pool", settings.Pool)), cancel)
            : await client.PostAsync($"nodes/{settings.Node}/lxc", Parameters(
                ("vmid", vmid), ("ostemplate", source), ("hostname", request.Name), ("rootfs", $"{settings.Storage}:{Number(request.Disk ?? 4)}"),
                ("cores", Number(request.Cpu)), ("memory", Number(request.Memory)), ("unprivileged", "1"), ("start", "0"), ("description", description), ("pool", settings.Pool),
                ("net0", settings.Bridge is null ? null : $"name=eth0,bridge={settings.Bridge},ip=dhcp"),
                ("ssh-public-keys", request.SshKeys.Count == 0 ? null : string.Join('\n', request.SshKeys))), cancel);
        await tasks.WaitAsync(upid.GetString()!, cancel);
        return new PveGuest(vmid, settings.Node, request.Name) { Key = key, IsFinished = false };
    }

    /// <summary>What is done to a guest after it is there; again from the beginning where it was cut short.</summary>
    private async Task FinishAsync(PveGuest guest, CreateRequest request, string key, CancellationToken cancel)
    {
        if (request.Cpu is not null || request.Memory is not null)
        {
            await client.PutAsync($"{guest.Path}/config", Parameters(("cores", Number(request.Cpu)), ("memory", Number(request.Memory))), cancel);
        }

        await TagAsync(guest, key, cancel);
        await StartAsync(guest, cancel);
        await client.PutAsync($"{guest.Path}/config", Parameters(("description", PveGuests.Describe(key, isFinished: true))), cancel);
    }

    // A datacenter may allow registered tags only; the description is what counts.
    private async Task TagAsync(PveGuest guest, string key, CancellationToken cancel)
    {
        try
        {
            await client.PutAsync($"{guest.Path}/config", Parameters(("tags", $"{PveGuests.Tag};{key.ToLowerInvariant()}")), cancel);
        }
        catch (PveException e) when (e.Failure is PveFailure.Refused or PveFailure.Invalid)
        {
            await Console.Error.WriteLineAsync($"not tagged: {e.Message}");
        }
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
        var guest = await guests.OursAsync(id, null, cancel);
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
                await Task.Delay(PveGuests.Pause, cancel);
            }
        }
    }

    private async Task<string?> StatusOfAsync(PveGuest guest, CancellationToken cancel) => PveGuests.Text(await client.GetAsync($"{guest.Path}/status/current", cancel), "status");

    private async Task<Guest> DescribeAsync(PveGuest guest, CancellationToken cancel)
    {
        var current = await client.GetAsync($"{guest.Path}/status/current", cancel);
        var status = PveGuests.Text(current, "lock") == "create" || !guest.IsFinished ? "creating" : PveGuests.Text(current, "status") == "running" ? "running" : "stopped";
        var address = status == "running" ? await AddressAsync(guest, cancel) : null;
        return new Guest(guest.Vmid, PveGuests.Text(current, "name") ?? guest.Name, guest.Key, null, status, address, null);
    }

    private async Task<string?> AddressAsync(PveGuest guest, CancellationToken cancel)
    {
        try
        {
            var interfaces = await client.GetAsync($"{guest.Path}/interfaces", cancel);
            return interfaces.ValueKind != JsonValueKind.Array ? null : interfaces.EnumerateArray()
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
}
