using System.Collections.Concurrent;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Measures the disk space of databases, each at most once in some seconds.</summary>
internal sealed class DiskUsage(TimeProvider clock)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, (long Data, long Archive, DateTimeOffset At)> known = new(StringComparer.Ordinal);

    /// <summary>The bytes of the data directory, WAL included, and of the WAL archive.</summary>
    public (long Data, long Archive) Of(InstanceFolder folder)
    {
        var now = clock.GetUtcNow();
        if (known.TryGetValue(folder.Key, out var last) && now - last.At < MaxAge)
        {
            return (last.Data, last.Archive);
        }

        var (data, archive) = (Measure(folder.Data), Measure(folder.Archives));
        known[folder.Key] = (data, archive, now);
        return (data, archive);
    }

    public void Forget(InstanceFolder folder) => known.TryRemove(folder.Key, out _);

    /// <summary>The free space of the file system that holds a folder; null if it cannot be read.</summary>
    public static long? FreeBytes(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? new DriveInfo(folder).AvailableFreeSpace : null;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Makes sure that a copy leaves enough free space; with less, all databases of the machine become read-only.</summary>
    /// <param name="work">What copies, for the message.</param>
    /// <exception cref="ExternalSystemException">Capacity: there is not enough.</exception>
    public static void EnsureFree(InstanceFolder folder, long bytes, LocalPostgresOptions options, string work)
    {
        var needed = bytes + ((long)options.MinFreeMib << 20);
        if (FreeBytes(folder.Path) is { } free && free < needed)
        {
            throw new ExternalSystemException(
                ExternalFailure.Capacity,
                $"The {work} needs {needed >> 20} MiB of free disk; {free >> 20} MiB are free."
            );
        }
    }

    public static long Measure(string folder)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        try
        {
            return Directory.EnumerateFiles(folder, "*", options).Sum(AllocatedSize.Of);
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }
}
