namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Compares the disk that a database uses with its limit and with what is left on the machine.</summary>
internal sealed class DiskWatch(LocalPostgresOptions options, DiskUsage disk, TimeProvider clock)
{
    private const int WarnPercent = 85;
    private const int FreezePercent = 97;

    // What has become read-only must fall below this to be writable for good, so that it does not change all the time.
    private const int ReleasePercent = 90;

    /// <summary>Why the database must become read-only, or stay it; null if it may be written to.</summary>
    public Freeze? FindFreeze(InstanceFolder folder, Instance instance) => OfTheMachine(folder, instance) ?? OfItsLimit(folder, instance);

    public string? Warning(InstanceFolder folder, Instance instance) =>
        Percent(folder, instance) is >= WarnPercent and var percent
            ? $"It uses {percent} % of its {instance.Tier.StorageMib} MiB of disk. At {FreezePercent} % it becomes read-only."
            : null;

    private Freeze? OfTheMachine(InstanceFolder folder, Instance instance)
    {
        var needed = instance.Frozen?.Cause == FreezeCause.HostDisk ? options.MinFreeMib + (options.MinFreeMib / 4) : options.MinFreeMib;
        return DiskUsage.FreeBytes(folder.Path) is { } free && free >> 20 < needed
            ? new Freeze(
                FreezeCause.HostDisk,
                $"It is read-only because the disk of the machine is almost full ({free >> 20} MiB free). It becomes writable again when "
                    + "there is space."
            )
            : null;
    }

    private Freeze? OfItsLimit(InstanceFolder folder, Instance instance)
    {
        var isOrWasFrozen = instance.Frozen?.Cause == FreezeCause.DiskLimit || instance.WritableUntil is not null;
        var percent = Percent(folder, instance);
        if (percent < (isOrWasFrozen ? ReleasePercent : FreezePercent) || instance.WritableUntil > clock.GetUtcNow())
        {
            return null;
        }

        var (data, archive) = disk.Of(folder);
        return new Freeze(
            FreezeCause.DiskLimit,
            $"It is read-only because it uses {percent} % of its {instance.Tier.StorageMib} MiB of disk "
                + $"(data {data >> 20} MiB, WAL archive {archive >> 20} MiB). "
                + "Resize it to a tier with more storage; or unfreeze it, which allows 15 minutes "
                + $"to delete rows and VACUUM FULL, to less than {ReleasePercent} %."
        );
    }

    private long Percent(InstanceFolder folder, Instance instance)
    {
        var (data, archive) = disk.Of(folder);
        return (data + archive) * 100 / ((long)Math.Max(1, instance.Tier.StorageMib) << 20);
    }
}
