using Wombat.Application.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Converts the status of a Cluster and of its Pooler to an observation.</summary>
internal static class ClusterObserver
{
    private const string NoReason = "Frozen";
    private const string Closed = "A restore of the database has not ended. Repair it.";
    private static readonly ResourceDifference NotOpened = new("restore", "ended", "not ended");

    // What weakens a database that serves clients.
    private static readonly string[] Promises = ["ContinuousArchiving", "LastBackupSucceeded", "ConsistentSystemID"];

    /// <param name="endpoints">Where clients connect.</param>
    public static ResourceObservation Observe(ClusterView cluster, ClusterParts parts, IReadOnlyList<ResourceEndpoint> endpoints)
    {
        var (state, note) = StateOf(cluster, parts.PoolerView);
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["namespace"] = cluster.Id.Namespace,
            ["cluster"] = cluster.Id.Name,
            [DatabaseFacts.Name] = CnpgNames.Database,
        };
        if (cluster.Image is { } image)
        {
            facts["image"] = image;
        }

        if (endpoints is [var endpoint, ..])
        {
            facts[DatabaseFacts.SslMode] = CnpgNames.SslModeOf(endpoint.Host);
        }

        return new ResourceObservation(state, cluster.Id.ToString(), note)
        {
            Endpoints = endpoints,
            Facts = facts,
            Differences = IsUnopened(cluster) ? [.. parts.DifferencesOf(cluster), NotOpened] : parts.DifferencesOf(cluster),
            LastRestorableAt = cluster.LastSuccessfulBackup ?? cluster.FirstRecoverabilityPoint,
        };
    }

    private static (ObservedState State, string? Note) StateOf(ClusterView cluster, PoolerView? pooler)
    {
        if (cluster.IsBeingDeleted)
        {
            return (ObservedState.Updating, "It is being deleted.");
        }

        if (cluster.HasFailed)
        {
            return (ObservedState.Broken, cluster.PhaseText);
        }

        if (cluster.ShouldHibernate && cluster.IsHibernated)
        {
            return (ObservedState.Frozen, cluster.FreezeReason ?? NoReason);
        }

        if (cluster.ShouldHibernate || cluster.IsHibernated)
        {
            return (ObservedState.Updating, cluster.ShouldHibernate ? "It is being stopped." : "It is being started.");
        }

        if (IsUnopened(cluster))
        {
            return (ObservedState.Broken, Closed);
        }

        return cluster.IsReady
            ? Weakness(cluster, pooler) is { } weakness
                ? (ObservedState.Degraded, weakness)
                : (ObservedState.Running, null)
            : cluster.ReadyInstances > 0
                ? (ObservedState.Degraded, cluster.PhaseText)
                : (ObservedState.Updating, cluster.PhaseText);
    }

    private static bool IsUnopened(ClusterView cluster) => cluster is { IsClosed: true, IsReady: true, ShouldHibernate: false };

    private static string? Weakness(ClusterView cluster, PoolerView? pooler)
    {
        if (cluster.ReadyInstances < cluster.Instances)
        {
            return $"{cluster.ReadyInstances} of {cluster.Instances} servers are ready. {cluster.PhaseText}";
        }

        if (cluster.Pooler is { } expected)
        {
            if (pooler is null)
            {
                return $"The Pooler {expected} is missing.";
            }

            if (!pooler.IsActive)
            {
                return $"The Pooler {expected} is {pooler.PhaseText}";
            }
        }

        return Promises.Select(p => cluster.Complaint(p) is { } complaint ? $"{p}: {complaint}" : null).FirstOrDefault(c => c is not null);
    }
}
