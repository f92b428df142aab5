using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The folders of all databases, their locks and ports.</summary>
internal sealed partial class InstanceStore(LocalPostgresOptions options)
{
    private const string RemovedName = ".removed";

    private readonly ConcurrentDictionary<string, SemaphoreSlim> locks = new(StringComparer.Ordinal);
    private readonly Lock ports = new();

    /// <exception cref="ExternalSystemException">The key cannot be the name of a folder.</exception>
    public InstanceFolder FolderOf(string key) =>
        KeyRegex().IsMatch(key)
            ? new InstanceFolder(Path.Combine(options.Folder, key))
            : throw new ExternalSystemException(ExternalFailure.Invalid, "The external key has characters that are not allowed.");

    /// <summary>The folders that hold a database, in whatever phase.</summary>
    public IReadOnlyList<InstanceFolder> All() =>
        Directory.Exists(options.Folder)
            ?
            [
                .. Directory
                    .EnumerateDirectories(options.Folder)
                    .Where(d => KeyRegex().IsMatch(Path.GetFileName(d)))
                    .Select(d => new InstanceFolder(d))
                    .Where(f => f.Exists),
            ]
            : [];

    /// <summary>The database of a resource.</summary>
    /// <exception cref="ExternalSystemException">There is none, or the one with its key has another id.</exception>
    public (InstanceFolder Folder, Instance Instance) Get(ResourceRef database) =>
        Find(database) ?? throw new ExternalSystemException(ExternalFailure.NotFound, "The database does not exist on this machine.");

    public (InstanceFolder Folder, Instance Instance)? Find(ResourceRef database)
    {
        var folder = FolderOf(database.ExternalKey);
        return folder.Read() is { } instance && (database.ExternalId is null || database.ExternalId == instance.Id)
            ? (folder, instance)
            : null;
    }

    /// <summary>The key of the lock under which backups of a database are made; it is not the lock of the database.</summary>
    public static string BackupsOf(string key) => $"{key}/backups";

    /// <summary>Waits until no other call works on the database. Disposing the result ends the lock.</summary>
    public async Task<IDisposable> LockAsync(string key, CancellationToken cancel)
    {
        var turn = locks.GetOrAdd(key, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancel);
        return new Turn(turn);
    }

    /// <summary>Null if another call works on the database.</summary>
    public IDisposable? TryLock(string key)
    {
        var turn = locks.GetOrAdd(key, _ => new SemaphoreSlim(1, 1));
        return turn.Wait(0) ? new Turn(turn) : null;
    }

    /// <summary>Waits for some time; null if another call works on the database all the while.</summary>
    public async Task<IDisposable?> TryLockAsync(string key, TimeSpan limit, CancellationToken cancel)
    {
        var turn = locks.GetOrAdd(key, _ => new SemaphoreSlim(1, 1));
        return await turn.WaitAsync(limit, cancel) ? new Turn(turn) : null;
    }

    /// <summary>Chooses a port that is free now and belongs to no other database, and stores it.</summary>
    /// <exception cref="ExternalSystemException">All ports of the range are in use.</exception>
    public Instance AssignPort(InstanceFolder folder, Instance instance)
    {
        lock (ports)
        {
            var taken = All().Where(f => f.Key != folder.Key).Select(f => f.Read()?.Port ?? 0).ToHashSet();
            var (first, last) = options.Ports;
            var count = last - first + 1;
            var offset = Random.Shared.Next(count);
            for (var i = 0; i < count; i++)
            {
                var port = first + ((offset + i) % count);
                if (port != instance.Port && !taken.Contains(port) && InstanceServer.IsPortFree(options.Address, port))
                {
                    return folder.Update(instance, r => r with { Port = port });
                }
            }
        }

        throw new ExternalSystemException(
            ExternalFailure.Capacity,
            $"No port from {options.Ports.First} to {options.Ports.Last} is free on {options.Address}."
        );
    }

    /// <summary>Removes the folder of a database. Its name is free at once; a removal that was cut short is completed later.</summary>
    public void Remove(InstanceFolder folder)
    {
        if (Directory.Exists(folder.Path))
        {
            var removed = Directory.CreateDirectory(Path.Combine(options.Folder, RemovedName));
            Directory.Move(folder.Path, Path.Combine(removed.FullName, $"{folder.Key}-{Guid.NewGuid():N}"));
        }

        DeleteRemoved();
    }

    public void DeleteRemoved()
    {
        var removed = Path.Combine(options.Folder, RemovedName);
        foreach (var folder in Directory.Exists(removed) ? Directory.GetDirectories(removed) : [])
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Another call deletes it, too.
            }
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyRegex();
}
