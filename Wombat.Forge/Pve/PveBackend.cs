using System.Text.Json;
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
        TranslateErrorsAsync(async () => await DescribeAsync(await creation.CreateAsync(request, cancel), cancel));

    public Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel) =>
        TranslateErrorsAsync<IReadOnlyList<Guest>>(async () =>
        {
            var listed = new List<Guest>();
            foreach (var batch in (await guests.ScanAsync(cancel)).Where(g => g.Key is not null || g.UnreadableReason is not null).Chunk(8))
            {
                listed.AddRange((await Task.WhenAll(batch.Select(g => TryDescribeAsync(g, cancel)))).OfType<Guest>());
            }

            return listed;
        });

    public Task<Guest> StatusAsync(string id, string? key, CancellationToken cancel) =>
        TranslateErrorsAsync(async () => await DescribeAsync(await guests.GetAsync(id, key, cancel), cancel));

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
                await creation.ConfigureAsync(guest, size, token);
                if (size.Disk is { } disk)
                {
                    // Answers with a task, or with nothing when the disk has this size already.
                    Dictionary<string, string> grown = new(StringComparer.Ordinal) { ["disk"] = "rootfs", ["size"] = $"{disk}G" };
                    if (await client.PutAsync($"{guest.Path}/resize", grown, token) is { ValueKind: JsonValueKind.String } task)
                    {
                        await tasks.WaitAsync(task, token);
                    }
                }

                return guest;
            },
            cancel
        );

    public Task DeleteAsync(string id, string? key, CancellationToken cancel) =>
        TranslateErrorsAsync(async () =>
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
                    await Console.Error.WriteLineAsync($"{e.Message}; retrying");
                    await Task.Delay(PveGuests.RetryDelay, cancel);
                }
            }
        });

    public Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel) =>
        throw new ForgeException(ExitCode.Usage, "Proxmox VE accepts SSH keys only when a container is created");

    public Task<ChildCommand> AttachAsync(string id, string? key, InsideCommand command, CancellationToken cancel) =>
        throw new ForgeException(ExitCode.Usage, "commands and consoles are not supported on Proxmox VE");

    public Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel) =>
        TranslateErrorsAsync<IReadOnlyList<string>>(async () =>
        {
            var guest = await guests.GetAsync(id, null, cancel);
            var recent = await client.GetAsync($"nodes/{guest.Node}/tasks", cancel, ("vmid", id), ("source", "all"), ("limit", "20"));
            return
            [
                .. recent.EnumerateArray().Select(t => $"{PveGuests.GetText(t, "type")} {PveGuests.GetText(t, "status") ?? "running"}"),
            ];
        });

    public Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Template>>([
            .. settings.Templates.Select(t => new Template(
                t.Key,
                t.Value,
                AcceptsSshKeys: PveCreation.CloneSource(t.Value) is null,
                ChangesSshKeys: false
            )),
        ]);

    public Task<string> HealthAsync(CancellationToken cancel) =>
        TranslateErrorsAsync(async () =>
        {
            var version = PveGuests.GetText(await client.GetAsync("version", cancel), "version");
            await client.GetAsync($"nodes/{settings.Node}/tasks", cancel, ("limit", "1"));
            var all = await guests.ScanAsync(cancel);
            var parts = new List<string>
            {
                $"Proxmox VE {version} at {settings.Url.Host}, node {settings.Node}, {all.Count(g => g.Key is not null)} containers",
            };
            parts.AddRange(
                all.Where(g => g.Key is not null)
                    .GroupBy(g => g.Key, StringComparer.Ordinal)
                    .Where(k => k.Count() > 1)
                    .Select(k => $"guests {string.Join(", ", k.Select(g => g.Vmid))} have the same key: all but one are copies")
            );
            parts.AddRange(
                all.Where(g => g.IsUnreachable)
                    .GroupBy(g => g.Node, StringComparer.Ordinal)
                    .Select(n => $"node {n.Key} is unreachable ({n.Count()} guests)")
            );
            return string.Join("; ", parts);
        });

    private Task<Guest> OperateAsync(
        string id,
        string? key,
        Func<PveGuest, CancellationToken, Task<PveGuest>> operate,
        CancellationToken cancel
    ) => TranslateErrorsAsync(async () => await DescribeAsync(await operate(await guests.GetAsync(id, key, cancel), cancel), cancel));

    private async Task ReportCopiesAsync(PveGuest guest, CancellationToken cancel)
    {
        foreach (var copy in (await guests.ScanAsync(cancel)).Where(g => g.Key == guest.Key && g.Vmid != guest.Vmid))
        {
            await Console.Error.WriteLineAsync(
                $"guest {copy.Vmid} ({copy.Name}) has the same key: it is a copy made outside Wombat and is not deleted"
            );
        }
    }

    // Returns null if the guest was deleted since it was listed.
    private async Task<Guest?> TryDescribeAsync(PveGuest guest, CancellationToken cancel)
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

    private static Guest Unknown(PveGuest guest, string reason) => new(guest.Vmid, guest.Name, guest.Key, null, "unknown", null, reason);

    private async Task<Guest> DescribeAsync(PveGuest guest, CancellationToken cancel)
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
            Size = guest.Size,
        };
    }

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

    private static async Task<T> TranslateErrorsAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (PveException e)
        {
            throw e.ToForgeException();
        }
    }
}
