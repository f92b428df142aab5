using System.Text.Json.Nodes;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// Gives restored clusters the users that Wombat knows, and no others. Restored data have the roles, passwords and memberships of their
/// time.
/// </summary>
internal sealed class RestoredUsers(ClusterStore clusters, ClusterSecrets secrets, ClusterUsers users, TimeProvider time)
{
    private static readonly string[] OperatorRoles = [CnpgNames.Owner, "postgres", "streaming_replica"];
    private static readonly string[] OperatorPrefixes = ["pg_", "cnpg_"];

    /// <summary>Gives a cluster that was made again the managed roles that it had.</summary>
    public async Task DeclareAsync(ClusterId id, CancellationToken cancel)
    {
        var kept = await secrets.KeptAsync(id, cancel);
        if (kept.Roles.Count > 0 && await clusters.FindAsync(id, cancel) is { Roles.Count: 0 } cluster)
        {
            await users.ApplyAsync(
                id,
                kept.Roles.Select(r => ManagedRoles.NameOf(r) == CnpgNames.Owner ? ManagedRoles.Owner(cluster) : r),
                kept.Expiries,
                cancel
            );
        }
    }

    /// <summary>Ends the sessions of clients that a pooler would let go on with the restored data.</summary>
    public async Task EndSessionsAsync(ClusterId id, CancellationToken cancel)
    {
        var pooler = id with { Name = CnpgNames.Pooler(id.Name) };
        if (await clusters.ExistsAsync(KubernetesKind.Pooler, pooler, cancel))
        {
            await users.RestartPoolerAsync(id, pooler.Name, cancel);
        }
    }

    /// <summary>
    /// Ends the login of roles that Wombat does not know, waits until the others have the passwords of their Secrets, and grants them what
    /// they may do.
    /// </summary>
    public async Task SettleAsync(ClusterView cluster, IPluginLog log, CancellationToken cancel)
    {
        IReadOnlyList<string> unknown = [];
        await UntilAsync(
            cluster.Id,
            "reachable",
            async seen =>
            {
                await using var connection = await users.ConnectAsync(seen, null, cancel);
                unknown = await FindUnknownAsync(connection, seen, cancel);
            },
            log,
            cancel
        );
        if (unknown.Count > 0)
        {
            await log.WriteAsync($"Roles of the restored data that are not known here and cannot log in: {unknown.Count}.", cancel);
            await users.ApplyAsync(cluster.Id, [.. unknown.Select(ManagedRoles.Locked)], [], cancel);
        }

        await clusters.WaitAsync(cluster.Id, ClusterObjects.ChangeTimeout, "changed", seen => AreApplied(seen), log, cancel);
        await UntilAsync(
            cluster.Id,
            "changed",
            async seen =>
            {
                await using var connection = await users.ConnectAsync(seen, null, cancel);
                if ((await FindUnknownAsync(connection, seen, cancel)).Count > 0)
                {
                    throw new ExternalSystemException(ExternalFailure.Unavailable, "The operator has not locked all roles yet.");
                }

                if (ManagedRoles.UsersOf(seen).Count > 0)
                {
                    await connection.GrantAsync(cancel);
                }

                // Somebody may have connected with the password that the restored data had.
                await connection.EndSessionsAsync(CnpgNames.Owner, cancel);
            },
            log,
            cancel
        );
    }

    /// <summary>Lets what owners create belong to the database's own user, as the present role of each user says.</summary>
    public async Task ActAsync(ClusterView cluster, IPluginLog log, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        foreach (var user in ManagedRoles.UsersOf(cluster).Where(u => u.ExpiresAt is not { } end || end > now))
        {
            await UntilAsync(
                cluster.Id,
                "open to its users",
                seen => users.ActAsOwnerAsync(seen, user.Name, user.Role == DatabaseRole.Owner, cancel),
                log,
                cancel
            );
        }
    }

    private static async Task<IReadOnlyList<string>> FindUnknownAsync(
        ClusterConnection connection,
        ClusterView cluster,
        CancellationToken cancel
    )
    {
        var known = cluster.Roles.Where(ManagedRoles.CanLogIn).Select(ManagedRoles.NameOf).Concat(OperatorRoles);
        return
        [
            .. (await connection.ListLoginsAsync(cancel))
                .Except(known, StringComparer.Ordinal)
                .Where(r => !OperatorPrefixes.Any(p => r.StartsWith(p, StringComparison.Ordinal))),
        ];
    }

    // The servers are ready before a pooler or a load balancer leads to them, and reload their rules some time after a change.
    private Task UntilAsync(ClusterId id, string what, Func<ClusterView, Task> work, IPluginLog log, CancellationToken cancel) =>
        clusters.WaitAsync(
            id,
            ClusterObjects.ChangeTimeout,
            what,
            async seen =>
            {
                try
                {
                    await work(seen);
                    return true;
                }
                catch (ExternalSystemException e) when (e.Kind == ExternalFailure.Unavailable)
                {
                    return false;
                }
            },
            log,
            cancel
        );

    private static bool AreApplied(ClusterView cluster) =>
        cluster.Roles.Where(r => !ManagedRoles.IsAbsent(r)).All(r => IsApplied(cluster, r));

    private static bool IsApplied(ClusterView cluster, JsonObject role) =>
        ClusterUsers.IsApplied(cluster, ManagedRoles.NameOf(role))
        && (role["passwordSecret"] is null || cluster.PasswordVersion(ManagedRoles.NameOf(role)) is not null);
}
