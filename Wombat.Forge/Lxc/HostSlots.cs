using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>
/// Numbers that are unique on this machine over all data folders. Each number that is in use is a file of <see cref="HostState"/> with the
/// path of its owner.
/// </summary>
/// <param name="pool">What is numbered, such as "ids". Each pool counts from 0.</param>
/// <param name="count">The size of the pool.</param>
internal sealed class HostSlots(string pool, int count)
{
    private readonly string folder = HostState.Folder(pool);

    /// <summary>Returns the owner's slot, or gives it one. A slot whose owner does not exist any more is taken when none is free.</summary>
    /// <param name="owner">The absolute path of a file or folder that exists as long as the slot is needed.</param>
    /// <param name="wanted">The slot that the owner must get, because it is in use already.</param>
    /// <exception cref="ForgeException">
    /// Capacity: all slots are in use. Conflict: the wanted slot belongs to another owner. Unavailable: the folder is locked.
    /// </exception>
    public async Task<int> AcquireAsync(string owner, CancellationToken cancel, int? wanted = null)
    {
        await using var slotLock = await LockAsync(cancel);
        return wanted is { } slot ? TakeWanted(slot, owner) : Take(owner);
    }

    /// <summary>Returns the owner's slot to the pool. An owner without a slot is ignored.</summary>
    public async Task ReleaseAsync(string owner, CancellationToken cancel)
    {
        await using var slotLock = await LockAsync(cancel);
        foreach (var (slot, _) in Used().Where(s => s.Owner == owner).ToList())
        {
            File.Delete(FileOf(slot));
        }
    }

    private int Take(string owner)
    {
        var used = new HashSet<int>();
        int? orphan = null;
        foreach (var (slot, other) in Used())
        {
            if (other == owner)
            {
                return slot;
            }

            used.Add(slot);
            orphan ??= Path.Exists(other) ? null : slot;
        }

        // Orphans are taken last: their owners may lie on a disk that is not mounted at the moment.
        var free = Enumerable.Range(0, count).Where(s => !used.Contains(s)).Select(s => (int?)s).FirstOrDefault();
        return Assign(
            free
                ?? orphan
                ?? throw new ForgeException(
                    ExitCode.Capacity,
                    $"all {count.ToString(CultureInfo.InvariantCulture)} numbers of the pool '{pool}' of this machine are in use; delete "
                        + "containers that are no longer needed"
                ),
            owner
        );
    }

    private int TakeWanted(int slot, string owner) =>
        !File.Exists(FileOf(slot)) || File.ReadAllText(FileOf(slot)) is var other && (other == owner || !Path.Exists(other))
            ? Assign(slot, owner)
            : throw new ForgeException(
                ExitCode.Conflict,
                $"number {slot.ToString(CultureInfo.InvariantCulture)} of the pool '{pool}' of this machine belongs to another owner; an "
                    + "administrator must delete one of them"
            );

    // A rename, so that a slot never has half an owner.
    private int Assign(int slot, string owner)
    {
        var temporary = Path.Combine(folder, ".new");
        PrivateFiles.Write(temporary, owner);
        File.Move(temporary, FileOf(slot), overwrite: true);
        return slot;
    }

    private IEnumerable<(int Slot, string Owner)> Used() =>
        from file in Directory.EnumerateFiles(folder)
        let slot = int.TryParse(Path.GetFileName(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1
        where slot >= 0 && slot < count
        select (slot, File.ReadAllText(file));

    private string FileOf(int slot) => Path.Combine(folder, slot.ToString(CultureInfo.InvariantCulture));

    private Task<FileStream> LockAsync(CancellationToken cancel) => HostState.LockAsync(folder, ".lock", $"numbering {pool}", cancel);
}
