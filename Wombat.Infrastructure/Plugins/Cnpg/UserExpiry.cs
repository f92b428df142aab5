using System.Collections.Concurrent;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// Ends the sessions of users whose time is over. PostgreSQL refuses their passwords from then on, but lets open sessions go on. Begins
/// whenever the clusters are listed; nobody waits for it, since it waits for the databases of tenants.
/// </summary>
internal sealed class UserExpiry(ClusterUsers users, TimeProvider time)
{
    private const int MaxParallel = 8;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<(ClusterId Cluster, DatabaseUserSpec User), bool> ended = new();
    private readonly Lock starting = new();
    private Task running = Task.CompletedTask;
    private long? beganAt;

    /// <summary>Does nothing while an earlier call is still at work or was a moment ago.</summary>
    public void EndSessions(IReadOnlyList<ClusterView> clusters)
    {
        lock (starting)
        {
            if (running.IsCompleted && (beganAt is not { } began || time.GetElapsedTime(began) >= Interval))
            {
                beganAt = time.GetTimestamp();
                running = Task.Run(() => EndSessionsAsync(clusters));
            }
        }
    }

    private async Task EndSessionsAsync(IReadOnlyList<ClusterView> clusters)
    {
        var expired = clusters
            .Where(c => c.IsReady && !c.ShouldHibernate)
            .SelectMany(c => ManagedRoles.UsersOf(c).Where(u => u.ExpiresAt <= time.GetUtcNow()).Select(u => (Cluster: c, User: u)))
            .ToList();
        var open = expired.Where(e => !ended.ContainsKey((e.Cluster.Id, e.User))).GroupBy(e => e.Cluster.Id);
        await Parallel.ForEachAsync(
            open,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallel },
            async (cluster, cancel) =>
            {
                foreach (var (view, user) in cluster)
                {
                    await TryEndAsync(view, user, cancel);
                }
            }
        );

        foreach (var gone in ended.Keys.Except(expired.Select(e => (e.Cluster.Id, e.User))).ToList())
        {
            ended.TryRemove(gone, out _);
        }
    }

    private async Task TryEndAsync(ClusterView cluster, DatabaseUserSpec user, CancellationToken cancel)
    {
        try
        {
            await users.EndSessionsAsync(cluster, user.Name, cancel);
            ended[(cluster.Id, user)] = true;
        }
        catch (ExternalSystemException)
        {
            // The next list tries again.
        }
    }
}
