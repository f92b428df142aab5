using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Databases;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Changes the users of a cluster and their passwords, through managed roles and, for grants, a connection.</summary>
internal sealed class ClusterUsers(KubernetesApi api, ClusterStore clusters, ClusterSecrets secrets, TimeProvider time)
{
    private const int NameBytesMax = 63;
    private static readonly string[] ReservedNames = [CnpgNames.Owner, "postgres", "streaming_replica", "public", "none"];
    private static readonly string[] ReservedPrefixes = ["pg_", "cnpg_", "wombat_"];

    public async Task RotateAsync(ClusterView cluster, string? user, bool endSessions, IPluginLog log, CancellationToken cancel)
    {
        EnsureIsAwake(cluster);
        var role = user ?? CnpgNames.Owner;
        if (user is null)
        {
            await ApplyAsync(cluster.Id, [ManagedRoles.Owner(cluster)], [], cancel);
        }

        await ChangePasswordAsync(
            cluster,
            role,
            user is null ? cluster.AppSecret : CnpgNames.UserSecret(cluster.Id.Name, role),
            log,
            cancel
        );
        if (endSessions)
        {
            await EndSessionsAsync(cluster, role, cancel);
            await RestartPoolerAsync(cluster.Id, cluster.Pooler, cancel);
        }
    }

    public async Task SaveAsync(ClusterView cluster, DatabaseUserSpec user, IPluginLog log, CancellationToken cancel)
    {
        EnsureIsAwake(cluster);
        EnsureIsAllowed(user.Name);
        var before = ManagedRoles.UsersOf(cluster).FirstOrDefault(u => u.Name == user.Name);
        if (before is { Role: DatabaseRole.Owner } && user.Role != DatabaseRole.Owner)
        {
            await ActAsOwnerAsync(cluster, user.Name, acts: false, cancel);
        }

        await ApplyAsync(cluster.Id, [ManagedRoles.Owner(cluster), .. ManagedRoles.Groups], [], cancel);
        await clusters.WaitAsync(
            cluster.Id,
            ClusterObjects.ChangeTimeout,
            "changed",
            seen => ManagedRoles.Groups.All(g => IsApplied(seen, ManagedRoles.NameOf(g))),
            log,
            cancel
        );
        var version = await secrets.EnsureAsync(cluster, user.Name, cancel);
        var role = ManagedRoles.User(cluster, user);
        await ApplyAsync(cluster.Id, [role], [], cancel, user);
        await WaitForRoleAsync(cluster, role, version, log, cancel);
        await using (var connection = await ConnectAsync(cluster, null, cancel))
        {
            await connection.GrantAsync(cancel);
        }

        if (user.Role == DatabaseRole.Owner)
        {
            await ActAsOwnerAsync(cluster, user.Name, acts: true, cancel);
        }
    }

    public async Task DropAsync(ClusterView cluster, string user, IPluginLog log, CancellationToken cancel)
    {
        EnsureIsAwake(cluster);
        EnsureIsAllowed(user);
        var secret = CnpgNames.UserSecret(cluster.Id.Name, user);
        if (ManagedRoles.UsersOf(cluster).FirstOrDefault(u => u.Name == user) is { } known)
        {
            // Nobody else knows its next password, so it can become an owner for a moment and give away what it owns.
            var version = await ChangePasswordAsync(cluster, user, secret, log, cancel);
            await EndSessionsAsync(cluster, user, cancel);
            var owner = ManagedRoles.User(cluster, known with { Role = DatabaseRole.Owner, ExpiresAt = null });
            await ApplyAsync(cluster.Id, [owner], [], cancel);
            await WaitForRoleAsync(cluster, owner, version, log, cancel);
            await using (var connection = await ConnectAsync(cluster, user, cancel))
            {
                await connection.GiveUpAsync(cancel);
                await connection.EndOwnSessionAsync(cancel);
            }

            await ApplyAsync(cluster.Id, [ManagedRoles.Absent(user)], [], cancel);
        }

        if (
            (await clusters.FindAsync(cluster.Id, cancel))?.Roles.Any(r => ManagedRoles.NameOf(r) == user && ManagedRoles.IsAbsent(r))
            == true
        )
        {
            await using var connection = await ConnectAsync(cluster, null, cancel);
            await clusters.WaitAsync(
                cluster.Id,
                ClusterObjects.ChangeTimeout,
                "changed",
                async seen => ThrowOnError(seen, user) && !await connection.HasRoleAsync(user, cancel),
                log,
                cancel
            );
            await ApplyAsync(cluster.Id, [], [user], cancel);
        }

        await secrets.DeleteAsync(cluster, user, cancel);
    }

    /// <summary>Adds, replaces and removes managed roles, and leaves the others as they are.</summary>
    public async Task ApplyAsync(
        ClusterId id,
        IReadOnlyList<JsonObject> changed,
        string[] removed,
        CancellationToken cancel,
        DatabaseUserSpec? user = null
    )
    {
        // Other changes of a cluster leave its roles as they are, and calls for one cluster come one at a time.
        var cluster = await clusters.FindAsync(id, cancel) ?? throw new ExternalSystemException(ExternalFailure.NotFound, $"{id} is gone.");
        var names = changed.Select(ManagedRoles.NameOf).Concat(removed).ToHashSet(StringComparer.Ordinal);
        var expiries = cluster.Expiries;
        if (user is not null)
        {
            expiries[user.Name] = user.ExpiresAt?.ToString("O", CultureInfo.InvariantCulture);
        }

        foreach (var name in removed)
        {
            expiries.Remove(name);
        }

        await ApplyAsync(id, cluster.Roles.Where(r => !names.Contains(ManagedRoles.NameOf(r))).Concat(changed), expiries, cancel);
    }

    /// <summary>Gives a cluster these managed roles and no others.</summary>
    public Task ApplyAsync(ClusterId id, IEnumerable<JsonObject> roles, JsonObject expiries, CancellationToken cancel)
    {
        var manifest = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["namespace"] = id.Namespace,
                ["name"] = id.Name,
                ["annotations"] = new JsonObject { [CnpgNames.ExpiriesAnnotation] = expiries.ToJsonString() },
            },
            ["spec"] = new JsonObject { ["managed"] = new JsonObject { ["roles"] = new JsonArray([.. roles.Select(r => r.DeepClone())]) } },
        };
        return api.ApplyAsync(KubernetesKind.Cluster, manifest, cancel, CnpgNames.RoleManager);
    }

    private async Task<string> ChangePasswordAsync(
        ClusterView cluster,
        string role,
        string secret,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var password = DatabasePassword.New();
        log.AddSecret(password);
        var version = await secrets.SetPasswordAsync(cluster, secret, password, cancel);
        await clusters.WaitAsync(
            cluster.Id,
            ClusterObjects.ChangeTimeout,
            "changed",
            seen => ThrowOnError(seen, role) && seen.PasswordVersion(role) == version,
            log,
            cancel
        );
        return version;
    }

    // The status says which roles are applied, but not since when, so the database has the last word.
    private async Task WaitForRoleAsync(ClusterView cluster, JsonObject role, string version, IPluginLog log, CancellationToken cancel)
    {
        var user = ManagedRoles.NameOf(role);
        await using var connection = await ConnectAsync(cluster, null, cancel);
        await clusters.WaitAsync(
            cluster.Id,
            ClusterObjects.ChangeTimeout,
            "changed",
            async seen =>
                IsApplied(seen, user)
                && seen.PasswordVersion(user) == version
                && await connection.MatchesAsync(
                    user,
                    role["inRoles"]!.AsArray()[0]!.GetValue<string>(),
                    role["validUntil"]?.GetValue<string>(),
                    cancel
                ),
            log,
            cancel
        );
    }

    /// <summary>Ends the sessions of a user.</summary>
    public async Task EndSessionsAsync(ClusterView cluster, string user, CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cluster, null, cancel);
        await connection.EndSessionsAsync(user, cancel);
    }

    /// <summary>Ends the sessions of all clients of a pooler, which would go on with other connections to the server.</summary>
    /// <param name="pooler">Its name; null when there is none.</param>
    public async Task RestartPoolerAsync(ClusterId cluster, string? pooler, CancellationToken cancel)
    {
        if (pooler is null)
        {
            return;
        }

        var template = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["annotations"] = new JsonObject
                {
                    [CnpgNames.RestartAnnotation] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
                },
            },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray() },
        };
        await api.MergeAsync(
            KubernetesKind.Pooler,
            cluster with
            {
                Name = pooler,
            },
            new JsonObject { ["spec"] = new JsonObject { ["template"] = template } },
            cancel
        );
    }

    /// <summary>Lets what a user creates belong to the database's own user, or to the user itself.</summary>
    public async Task ActAsOwnerAsync(ClusterView cluster, string user, bool acts, CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cluster, user, cancel);
        await connection.ActAsOwnerAsync(acts, cancel);
    }

    /// <summary>Connects as a user; as the database's own user when <paramref name="user"/> is null.</summary>
    public async Task<ClusterConnection> ConnectAsync(ClusterView cluster, string? user, CancellationToken cancel) =>
        await ClusterConnection.OpenAsync(await secrets.ReadAsync(cluster, user, cancel), cancel);

    /// <exception cref="ExternalSystemException">The operator cannot apply the role.</exception>
    public static bool IsApplied(ClusterView cluster, string role) => ThrowOnError(cluster, role) && cluster.HasRole(role);

    private static bool ThrowOnError(ClusterView cluster, string role) =>
        cluster.RoleError(role) is { } error
            ? throw new ExternalSystemException(ExternalFailure.Unavailable, $"The operator cannot apply the role {role}: {error}")
            : true;

    private static void EnsureIsAwake(ClusterView cluster)
    {
        if (cluster.ShouldHibernate)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                $"The Cluster {cluster.Id} is frozen, so its users cannot be changed."
            );
        }
    }

    private static void EnsureIsAllowed(string user)
    {
        if (
            Encoding.UTF8.GetByteCount(user) is 0 or > NameBytesMax
            || user.Contains('\0', StringComparison.Ordinal)
            || ReservedNames.Contains(user, StringComparer.Ordinal)
            || ReservedPrefixes.Any(p => user.StartsWith(p, StringComparison.Ordinal))
        )
        {
            throw new ExternalSystemException(ExternalFailure.Invalid, $"A user cannot be called {user}.");
        }
    }
}
