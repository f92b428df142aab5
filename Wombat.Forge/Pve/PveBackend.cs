using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Pve;

/// <summary>
/// Containers on Proxmox VE. The key of a container is in its description and, where free tags are allowed, in a tag.
/// </summary>
internal sealed class PveBackend : IBackend
{
    private const int MaxAttempts = 30;

    private readonly PveSettings settings;
    private readonly PveClient client;
    private readonly PveTasks tasks;
    private readonly PveGuests guests;
    private readonly PvePower power;
    private readonly PveCreation creation;
    private readonly PveObserver observer;
    private readonly PveRestores restores;
    private readonly PveHealth health;

    private PveBackend(PveSettings settings)
    {
        this.settings = settings;
        client = new PveClient(settings);
        tasks = new PveTasks(client);
        var nodes = new PveNodes(client, settings);
        guests = new PveGuests(client, settings, nodes);
        power = new PvePower(client, tasks, guests);
        creation = new PveCreation(client, settings, nodes, tasks, guests, power);
        observer = new PveObserver(client, guests);
        restores = new PveRestores(client, tasks, guests, power);
        health = new PveHealth(client, settings, nodes, guests);
        Snapshots = new PveSnapshots(client, tasks, guests, restores, observer);
    }

    public ISnapshots Snapshots { get; }

    public static PveBackend FromEnvironment() => new(PveSettings.Read());

    public Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel) =>
        Unsupported(request) is { } option
            ? throw new ForgeException(ExitCode.Usage, $"{option}: not supported on Proxmox VE")
            : PveException.TranslateAsync(async () => await observer.DescribeAsync(await creation.CreateAsync(request, cancel), cancel));

    private static string? Unsupported(CreateRequest request) =>
        request.Environment.Count > 0 ? "--environment-file"
        : request.UserData is not null ? "--user-data-file"
        : request.Source is not null ? "--from"
        : null;

    public Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel) =>
        PveException.TranslateAsync<IReadOnlyList<Guest>>(async () =>
        {
            var listed = new List<Guest>();
            foreach (var batch in (await guests.ScanAsync(cancel)).Where(g => g.Key is not null || g.UnreadableReason is not null).Chunk(8))
            {
                listed.AddRange((await Task.WhenAll(batch.Select(g => observer.TryDescribeAsync(g, cancel)))).OfType<Guest>());
            }

            return listed;
        });

    public Task<Guest> StatusAsync(string id, string? key, CancellationToken cancel) =>
        PveException.TranslateAsync(async () => await observer.DescribeAsync(await guests.GetAsync(id, key, cancel), cancel));

    public Task<Guest> StartAsync(string id, string? key, CancellationToken cancel) => OperateAsync(id, key, power.StartAsync, cancel);

    public Task<Guest> StopAsync(string id, string? key, CancellationToken cancel) => OperateAsync(id, key, power.StopAsync, cancel);

    public Task<Guest> RestartAsync(string id, string? key, CancellationToken cancel) =>
        OperateAsync(id, key, async (guest, token) => await power.StartAsync(await power.StopAsync(guest, token), token), cancel);

    public Task<Guest> ResizeAsync(string id, string? key, GuestSize size, CancellationToken cancel) =>
        OperateAsync(
            id,
            key,
            async (guest, token) =>
            {
                guest = await creation.ConfigureAsync(guest, size, token);
                if (size.Disk is { } disk)
                {
                    await tasks.GrowAsync(guest, $"{disk}G", token);
                }

                return guest;
            },
            cancel
        );

    public Task DeleteAsync(string id, string? key, CancellationToken cancel) =>
        PveException.TranslateAsync(async () =>
        {
            var guest = await guests.GetAsync(id, key, cancel);
            await ReportCopiesAsync(guest, cancel);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    // Waits for the task, not for the absence of the id: another guest may get the freed id at once.
                    await tasks.WaitAsync(
                        await client.DeleteAsync(guest.Path, cancel, ("purge", "1"), ("force", "1"), ("destroy-unreferenced-disks", "1")),
                        cancel
                    );
                    return true;
                }
                catch (PveException e)
                {
                    // The text of the error is not reliable: the guest is deleted only if the cluster no longer lists it.
                    if (await guests.TryGetAsync(id, guest.Key, cancel) is not { } current)
                    {
                        await Console.Error.WriteLineAsync($"{e.Message}; {id} no longer exists");
                        return true;
                    }

                    if (attempt >= MaxAttempts || !(e.IsTransient || current.Node != guest.Node))
                    {
                        throw;
                    }

                    guest = current;
                    await e.PauseAsync(cancel);
                }
            }
        });

    public Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel) =>
        throw new ForgeException(ExitCode.Usage, "Proxmox VE accepts SSH keys only when a container is created");

    public Task<ChildCommand> AttachAsync(string id, string? key, InsideCommand command, CancellationToken cancel) =>
        throw new ForgeException(ExitCode.Usage, "commands and consoles are not supported on Proxmox VE");

    public Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel) =>
        PveException.TranslateAsync<IReadOnlyList<string>>(async () =>
        {
            var guest = await guests.GetAsync(id, null, cancel);
            var recent = await client.GetAsync($"nodes/{guest.Node}/tasks", cancel, ("vmid", id), ("source", "all"), ("limit", "20"));
            return
            [
                .. recent.EnumerateArray().Select(t => $"{PveGuests.GetText(t, "type")} {PveGuests.GetText(t, "status") ?? "running"}"),
            ];
        });

    public Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Template>>([.. settings.Templates.Select(t => Describe(t.Key, t.Value))]);

    private static Template Describe(string name, string source)
    {
        var isClone = PveCreation.TemplateContainer(source) is not null;
        return new Template(name, source, AcceptsSshKeys: !isClone, ChangesSshKeys: false)
        {
            DefaultMemory = isClone ? null : PveCreation.DefaultMemoryMiB,
            DefaultDisk = isClone ? null : PveCreation.DefaultDiskGiB,
        };
    }

    public Task<string> HealthAsync(CancellationToken cancel) => PveException.TranslateAsync(() => health.DescribeAsync(cancel));

    private Task<Guest> OperateAsync(
        string id,
        string? key,
        Func<PveGuest, CancellationToken, Task<PveGuest>> operate,
        CancellationToken cancel
    ) =>
        PveException.TranslateAsync(async () =>
        {
            var guest = await restores.SettleAsync(await guests.GetAsync(id, key, cancel), cancel);
            return await observer.DescribeAsync(await operate(guest, cancel), cancel);
        });

    private async Task ReportCopiesAsync(PveGuest guest, CancellationToken cancel)
    {
        foreach (var copy in (await guests.ScanAsync(cancel)).Where(g => g.Key == guest.Key && g.Vmid != guest.Vmid))
        {
            await Console.Error.WriteLineAsync(
                $"guest {copy.Vmid} ({copy.Name}) has the same key: it is a copy made outside Wombat and is not deleted"
            );
        }
    }
}
