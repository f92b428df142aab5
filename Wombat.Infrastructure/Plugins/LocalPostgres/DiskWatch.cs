namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Compares the disk that a database uses with its limit and with what is left on the machine.</summary>
internal sealed class DiskWatch(LocalPostgresOptions options, DiskUsage disk, TimeProvider clock)
{
    private const int WarnPercent = 85;
    private const int FreezePercent = 97;

    /// <summary>Why the database must become read-only; null if it may be written to.</summary>
    public Freeze? FindFreeze(InstanceFolder folder, Instance instance)
    {
        if (DiskUsage.FreeBytes(folder.Path) is { } free && free >> 20 < options.MinFreeMib)
        {
            return new Freeze(
                FreezeCause.HostDisk,
                $"It is read-only because the disk of the machine is almost full ({free >> 20} MiB free). It becomes writable again when "
                    + "there is space."
            );
        }

        return Percent(folder, instance) is >= FreezePercent and var percent && !(instance.WritableUntil > clock.GetUtcNow())
            ? new Freeze(
                FreezeCause.DiskLimit,
                $"It is read-only because it uses {percent} % of its {instance.Tier.StorageMib} MiB of disk. Resize it to a tier with more "
                    + "storage; or unfreeze it, which allows 15 minutes to delete rows and VACUUM FULL."
            )
            : null;
    }

    public string? Warning(InstanceFolder folder, Instance instance) =>
        Percent(folder, instance) is >= WarnPercent and var percent
            ? $"It uses {percent} % of its {instance.Tier.StorageMib} MiB of disk. At {FreezePercent} % it becomes read-only."
            : null;

    private long Percent(InstanceFolder folder, Instance instance) =>
        disk.DataBytes(folder) * 100 / ((long)Math.Max(1, instance.Tier.StorageMib) << 20);
}
