using System.Collections.Concurrent;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Measures data directories, each at most once in some seconds.</summary>
internal sealed class DiskUsage(TimeProvider clock)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, (long Bytes, DateTimeOffset At)> known = new(StringComparer.Ordinal);

    /// <summary>The size of the data directory, WAL included.</summary>
    public long DataBytes(InstanceFolder folder)
    {
        var now = clock.GetUtcNow();
        if (known.TryGetValue(folder.Key, out var last) && now - last.At < MaxAge)
        {
            return last.Bytes;
        }

        var bytes = Measure(folder.Data);
        known[folder.Key] = (bytes, now);
        return bytes;
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
            return new DirectoryInfo(folder).EnumerateFiles("*", options).Sum(Length);
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }

    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
