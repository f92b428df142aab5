using System.Collections.Concurrent;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// Ends the sessions of users whose time is over. PostgreSQL refuses their passwords from then on, but lets open sessions go on. Runs
/// whenever the clusters are listed.
/// </summary>
internal sealed class UserExpiry(ClusterUsers users, TimeProvider time)
{
    private readonly ConcurrentDictionary<(ClusterId Cluster, DatabaseUserSpec User), bool> ended = new();

    public async Task EndSessionsAsync(IReadOnlyList<ClusterView> clusters, CancellationToken cancel)
    {
        var expired = clusters
            .Where(c => c.IsReady && !c.ShouldHibernate)
            .SelectMany(c => ManagedRoles.UsersOf(c).Where(u => u.ExpiresAt <= time.GetUtcNow()).Select(u => (Cluster: c, User: u)))
            .ToList();
        foreach (var (cluster, user) in expired.Where(e => !ended.ContainsKey((e.Cluster.Id, e.User))))
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

        foreach (var gone in ended.Keys.Except(expired.Select(e => (e.Cluster.Id, e.User))).ToList())
        {
            ended.TryRemove(gone, out _);
        }
    }
}
