using System.Globalization;

namespace Wombat.Forge.Pve;

/// <summary>Creates guests and completes those whose creation was interrupted.</summary>
internal sealed class PveCreation(PveClient client, PveSettings settings, PveNodes nodes, PveTasks tasks, PveGuests guests, PvePower power)
{
    public const int DefaultDiskGiB = 4;

    /// <summary>The default of Proxmox VE.</summary>
    public const int DefaultMemoryMiB = 512;

    private const int MaxAttempts = 30;

    /// <summary>The id of the container to clone; null for a template volume.</summary>
    public static string? TemplateContainer(string source)
    {
        const string Prefix = "clone:";
        return source.StartsWith(Prefix, StringComparison.Ordinal) ? source[Prefix.Length..] : null;
    }

    /// <summary>Returns the running guest with the request's key; creates it if there is none.</summary>
    public async Task<PveGuest> CreateAsync(CreateRequest request, CancellationToken cancel)
    {
        if (!settings.Templates.TryGetValue(request.Template, out var source))
        {
            throw new ForgeException(ExitCode.Usage, $"--template: must be one of {string.Join(", ", settings.Templates.Keys)}");
        }

        var original = TemplateContainer(source);
        if (original is not null && (request.SshKeys.Count > 0 || request.Disk is not null))
        {
            throw new ForgeException(
                ExitCode.Usage,
                $"{(request.Disk is null ? "--ssh-key-file" : "--disk")}: the template {request.Template} is cloned; a clone "
                    + "keeps the SSH keys and the disk of its source"
            );
        }

        var key = request.Key ?? request.Name;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var guest =
                    await guests.FindAsync(key, request.Name, original, cancel) ?? await CreateGuestAsync(request, key, source, cancel);
                return (guest.IsFinished ? await power.StartAsync(guest, cancel) : await FinishAsync(guest, request, key, cancel)) with
                {
                    IsFinished = true,
                };
            }
            catch (PveException e) when (attempt < MaxAttempts && (e.IsTransient || e.Failure == PveFailure.Exists))
            {
                // The id was taken, something is locked, or the outcome is unknown: search for the key again, then continue.
                await e.PauseAsync(cancel);
            }
        }
    }

    private async Task<PveGuest> CreateGuestAsync(CreateRequest request, string key, string template, CancellationToken cancel)
    {
        var (node, source) = await PlaceAsync(request, template, cancel);

        // nextid does not reserve the id: the first create gets it.
        var vmid = (await client.GetAsync("cluster/nextid", cancel)).ToString();
        await Console.Error.WriteLineAsync($"Creating {request.Name} as guest {vmid} on node {node}");
        var description = PveNotes.New(key, isFinished: false).Text;

        // start=0: otherwise Proxmox VE starts the guest in a second task whose id is not returned.
        var upid = source is not null
            ? await client.PostAsync(
                $"{source.Path}/clone",
                Parameters(
                    ("newid", vmid),
                    ("target", source.Node == node ? null : node),
                    ("hostname", request.Name),
                    ("full", "1"),
                    ("description", description),
                    ("storage", settings.Storage),
                    ("pool", settings.Pool)
                ),
                cancel
            )
            : await client.PostAsync(
                $"nodes/{node}/lxc",
                Parameters(
                    ("vmid", vmid),
                    ("ostemplate", template),
                    ("hostname", request.Name),
                    ("rootfs", $"{settings.Storage}:{Number(request.Disk ?? DefaultDiskGiB)}"),
                    ("cores", Number(request.Cpu)),
                    ("memory", Number(request.Memory)),
                    ("unprivileged", "1"),
                    ("start", "0"),
                    ("description", description),
                    ("pool", settings.Pool),
                    ("net0", settings.Bridge is null ? null : $"name=eth0,bridge={settings.Bridge},ip=dhcp"),
                    ("ssh-public-keys", request.SshKeys.Count == 0 ? null : string.Join('\n', request.SshKeys))
                ),
                cancel
            );
        await tasks.WaitAsync(upid, cancel);
        return new PveGuest(vmid, node, request.Name) { Key = key, IsFinished = false };
    }

    // A clone is made on the node of its source unless another one is asked for, since only shared storage allows another one.
    private async Task<(string Node, PveGuest? Source)> PlaceAsync(CreateRequest request, string template, CancellationToken cancel)
    {
        if (TemplateContainer(template) is not { } id)
        {
            return (await nodes.ChooseAsync(request.Node, cancel), null);
        }

        var source =
            await guests.LocateAsync(id, cancel)
            ?? throw new ForgeException(
                ExitCode.Usage,
                $"FORGE_PVE_TEMPLATES: the container {id} of the template {request.Template} does not exist"
            );
        var isSourceUsable = settings.Nodes.Count == 0 || settings.Nodes.Contains(source.Node, StringComparer.Ordinal);
        return request.Node is null && isSourceUsable ? (source.Node, source) : (await nodes.ChooseAsync(request.Node, cancel), source);
    }

    /// <summary>Configures and starts a created guest. An interrupted run is repeated from the beginning.</summary>
    private async Task<PveGuest> FinishAsync(PveGuest guest, CreateRequest request, string key, CancellationToken cancel)
    {
        await ConfigureAsync(guest, request.Size, cancel);
        await TagAsync(guest, key, cancel);
        var started = await power.StartAsync(guest, cancel);
        await client.PutAsync($"{started.Path}/config", Parameters(("description", PveNotes.New(key, isFinished: true).Text)), cancel);
        return started;
    }

    /// <summary>Sets cores and memory, which also applies to a running guest.</summary>
    public Task<PveGuest> ConfigureAsync(PveGuest guest, GuestSize size, CancellationToken cancel) =>
        size.Cpu is null && size.Memory is null
            ? Task.FromResult(guest)
            : guests.ConfigureAsync(guest, Parameters(("cores", Number(size.Cpu)), ("memory", Number(size.Memory))), cancel);

    // A datacenter may allow only registered tags. The description is authoritative, so a refused tag is no error.
    private async Task TagAsync(PveGuest guest, string key, CancellationToken cancel)
    {
        try
        {
            await client.PutAsync($"{guest.Path}/config", Parameters(("tags", $"{PveGuests.Tag};{PveGuests.TagOf(key)}")), cancel);
        }
        catch (PveException e) when (e.Failure is PveFailure.NotAuthorized or PveFailure.Invalid)
        {
            await Console.Error.WriteLineAsync($"Cannot set tags: {e.Message}");
        }
    }

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Parameters(params (string Name, string? Value)[] all) =>
        all.Where(p => p.Value is not null).ToDictionary(p => p.Name, p => p.Value!, StringComparer.Ordinal);
}
