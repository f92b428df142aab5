using System.Globalization;

namespace Wombat.Forge.Pve;

/// <summary>Makes guests, and finishes those whose making was cut short.</summary>
internal sealed class PveCreation(PveClient client, PveSettings settings, PveTasks tasks, PveGuests guests, PvePower power)
{
    private const int Tries = 30;

    /// <summary>The id of the container to clone; null for a template volume.</summary>
    public static string? CloneOf(string source)
    {
        const string Prefix = "clone:";
        return source.StartsWith(Prefix, StringComparison.Ordinal) ? source[Prefix.Length..] : null;
    }

    /// <summary>What bears the key and runs, made where there is none.</summary>
    public async Task<PveGuest> CreateAsync(CreateRequest request, CancellationToken cancel)
    {
        if (!settings.Templates.TryGetValue(request.Template, out var source))
        {
            throw new ForgeException(ExitCode.Usage, $"--template: is not one of {string.Join(", ", settings.Templates.Keys)}");
        }

        var template = CloneOf(source);
        if (template is not null && (request.SshKeys.Count > 0 || request.Disk is not null))
        {
            throw new ForgeException(
                ExitCode.Usage,
                $"{(request.Disk is null ? "--ssh-key-file" : "--disk")}: {request.Template} is cloned, keys and disk are as in what it is cloned from"
            );
        }

        var key = request.Key ?? request.Name;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var guest = await guests.FindAsync(key, request.Name, template, cancel) ?? await MakeAsync(request, key, source, cancel);
                return (guest.IsFinished ? await power.StartAsync(guest, cancel) : await FinishAsync(guest, request, key, cancel)) with
                {
                    IsFinished = true,
                };
            }
            catch (PveException e) when (attempt < Tries && (e.IsTransient || e.Failure == PveFailure.Exists))
            {
                // The id went to another, something is locked, or nobody knows what happened: look again, then go on.
                await Console.Error.WriteLineAsync($"{e.Message}; looking again");
                await Task.Delay(PveGuests.Pause, cancel);
            }
        }
    }

    private async Task<PveGuest> MakeAsync(CreateRequest request, string key, string source, CancellationToken cancel)
    {
        // nextid reserves nothing: whoever posts first has it.
        var vmid = (await client.GetAsync("cluster/nextid", cancel)).ToString();
        await Console.Error.WriteLineAsync($"making {request.Name} as {vmid}");
        var description = PveGuests.Describe(key, isFinished: false);

        // start=0: a create that starts does so in a second task that nobody is told of.
        var upid = CloneOf(source) is { } template
            ? await client.PostAsync(
                $"nodes/{settings.Node}/lxc/{template}/clone",
                Parameters(
                    ("newid", vmid),
                    ("hostname", request.Name),
                    ("full", "1"),
                    ("description", description),
                    ("storage", settings.Storage),
                    ("pool", settings.Pool)
                ),
                cancel
            )
            : await client.PostAsync(
                $"nodes/{settings.Node}/lxc",
                Parameters(
                    ("vmid", vmid),
                    ("ostemplate", source),
                    ("hostname", request.Name),
                    ("rootfs", $"{settings.Storage}:{Number(request.Disk ?? 4)}"),
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
        return new PveGuest(vmid, settings.Node, request.Name) { Key = key, IsFinished = false };
    }

    /// <summary>What is done to a guest after it is there; again from the beginning where it was cut short.</summary>
    private async Task<PveGuest> FinishAsync(PveGuest guest, CreateRequest request, string key, CancellationToken cancel)
    {
        if (request.Cpu is not null || request.Memory is not null)
        {
            await client.PutAsync(
                $"{guest.Path}/config",
                Parameters(("cores", Number(request.Cpu)), ("memory", Number(request.Memory))),
                cancel
            );
        }

        await TagAsync(guest, key, cancel);
        var started = await power.StartAsync(guest, cancel);
        await client.PutAsync($"{started.Path}/config", Parameters(("description", PveGuests.Describe(key, isFinished: true))), cancel);
        return started;
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

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Parameters(params (string Name, string? Value)[] all) =>
        all.Where(p => p.Value is not null).ToDictionary(p => p.Name, p => p.Value!, StringComparer.Ordinal);
}
