using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Infrastructure.Databases;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>The Secrets with the passwords of a cluster's users.</summary>
internal sealed partial class ClusterSecrets(KubernetesApi api, ClusterStore clusters)
{
    private const string UserKey = "username";
    private const string PasswordKey = "password";
    private const string BasicAuth = "kubernetes.io/basic-auth";

    /// <summary>How a user connects; the database's own user when <paramref name="user"/> is null.</summary>
    public async Task<DatabaseCredentials> ReadAsync(ClusterView cluster, string? user, CancellationToken cancel)
    {
        var name = user is null ? cluster.AppSecret : CnpgNames.UserSecret(cluster.Id.Name, user);
        var secret =
            await FindAsync(cluster.Id, name, cancel)
            ?? throw new ExternalSystemException(
                user is null ? ExternalFailure.Unavailable : ExternalFailure.NotFound,
                user is null ? $"The Secret {name} does not exist." : $"There is no user {user}."
            );
        var endpoint = await clusters.EndpointsAsync(cluster, cancel) is [var first, ..]
            ? first
            : throw new ExternalSystemException(ExternalFailure.Unavailable, "The load balancer has no address yet.");
        var authority = await FindAsync(cluster.Id, CnpgNames.CaSecret(cluster.Id.Name), cancel);

        return new DatabaseCredentials(
            endpoint.Host,
            endpoint.Port ?? CnpgNames.Port,
            CnpgNames.Database,
            Text(secret, UserKey),
            Text(secret, PasswordKey),
            CnpgNames.SslModeOf(endpoint.Host),
            authority is null ? null : Text(authority, "ca.crt")
        );
    }

    /// <summary>Writes a password to the Secret of a user and returns the version of the Secret.</summary>
    public async Task<string> SetPasswordAsync(ClusterView cluster, string name, string password, CancellationToken cancel)
    {
        var secret =
            await FindAsync(cluster.Id, name, cancel)
            ?? throw new ExternalSystemException(ExternalFailure.Unavailable, $"The Secret {name} does not exist.");
        var data = new JsonObject { [PasswordKey] = Base64(password) };
        foreach (var key in secret.Data.Keys.Where(k => k is "pgpass" || k.EndsWith("uri", StringComparison.Ordinal)))
        {
            data[key] = Base64(WithPassword(key, Text(secret, key), password));
        }

        return await PatchAsync(cluster.Id, name, new JsonObject { ["data"] = data }, cancel);
    }

    /// <summary>Creates the Secret of a user with a new password unless it exists, and returns its version.</summary>
    public async Task<string> EnsureAsync(ClusterView cluster, string user, CancellationToken cancel)
    {
        var name = CnpgNames.UserSecret(cluster.Id.Name, user);
        return (await FindAsync(cluster.Id, name, cancel))?.Metadata.ResourceVersion
            ?? await ApplyAsync(cluster, name, user, DatabasePassword.New(), new JsonObject { [CnpgNames.UserAnnotation] = user }, cancel);
    }

    /// <summary>Copies the credentials of the database's own user, and the roles, to a Secret that outlives the cluster.</summary>
    /// <param name="restore">The restore in place that is about to replace the cluster; null when it is archived.</param>
    public async Task KeepAsync(ClusterView cluster, CancellationToken cancel, InPlaceRestoreState? restore = null)
    {
        var secret =
            await FindAsync(cluster.Id, cluster.AppSecret, cancel)
            ?? throw new ExternalSystemException(ExternalFailure.Unavailable, $"The Secret {cluster.AppSecret} does not exist.");
        var kept = await KeptAsync(cluster.Id, cancel);

        // Restored data without declared users have those that were kept before.
        var (roles, expiries) = cluster is { IsClosed: true, Roles.Count: 0 }
            ? (kept.Roles, kept.Expiries)
            : (cluster.Roles, cluster.Expiries);
        var annotations = new JsonObject
        {
            [CnpgNames.RolesAnnotation] = new JsonArray([.. roles.Select(r => r.DeepClone())]).ToJsonString(),
            [CnpgNames.ExpiriesAnnotation] = expiries.ToJsonString(),
        };
        restore ??= kept.Restore is { } last ? last with { IsDone = true } : null;
        if (restore is not null)
        {
            annotations[CnpgNames.RestoreAnnotation] = restore.ToJson();
        }

        var name = CnpgNames.ArchivedSecret(cluster.Id.Name);
        await ApplyAsync(cluster, name, Text(secret, UserKey), Text(secret, PasswordKey), annotations, cancel);
    }

    /// <summary>Writes how far a restore in place is, whose cluster <see cref="KeepAsync"/> has kept.</summary>
    public Task NoteAsync(ClusterId id, InPlaceRestoreState restore, CancellationToken cancel)
    {
        var annotations = new JsonObject { [CnpgNames.RestoreAnnotation] = restore.ToJson() };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
        return PatchAsync(id, CnpgNames.ArchivedSecret(id.Name), patch, cancel);
    }

    /// <summary>What <see cref="KeepAsync"/> has kept.</summary>
    public async Task<KeptCluster> KeptAsync(ClusterId id, CancellationToken cancel)
    {
        var annotations = (await FindAsync(id, CnpgNames.ArchivedSecret(id.Name), cancel))?.Metadata.Annotations;
        string? Of(string name) => annotations?.TryGetValue(name, out var text) == true ? text : null;
        return new KeptCluster(
            [.. JsonNode.Parse(Of(CnpgNames.RolesAnnotation) ?? "[]")!.AsArray().OfType<JsonObject>()],
            JsonNode.Parse(Of(CnpgNames.ExpiriesAnnotation) ?? "{}")!.AsObject(),
            InPlaceRestoreState.Parse(Of(CnpgNames.RestoreAnnotation))
        );
    }

    public Task DeleteAsync(ClusterView cluster, string user, CancellationToken cancel) =>
        api.FindAsync(
            (c, token) =>
                c.CoreV1.DeleteNamespacedSecretAsync(
                    CnpgNames.UserSecret(cluster.Id.Name, user),
                    cluster.Id.Namespace,
                    cancellationToken: token
                ),
            cancel
        );

    private async Task<string> ApplyAsync(
        ClusterView cluster,
        string name,
        string user,
        string password,
        JsonObject annotations,
        CancellationToken cancel
    )
    {
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = cluster.Id.Namespace,
            ["labels"] = new JsonObject
            {
                ["app.kubernetes.io/managed-by"] = CnpgNames.Manager,
                [CnpgNames.KeyLabel] = cluster.Key,
                [CnpgNames.ReloadLabel] = "true",
            },
            ["annotations"] = annotations,
        };
        var manifest = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["type"] = BasicAuth,
            ["metadata"] = metadata,
            ["data"] = new JsonObject { [UserKey] = Base64(user), [PasswordKey] = Base64(password) },
        };
        return await PatchAsync(cluster.Id, name, manifest, cancel, V1Patch.PatchType.ApplyPatch);
    }

    private async Task<string> PatchAsync(
        ClusterId id,
        string name,
        JsonObject content,
        CancellationToken cancel,
        V1Patch.PatchType type = V1Patch.PatchType.MergePatch
    ) =>
        (
            await api.CallAsync(
                (c, token) =>
                    c.CoreV1.PatchNamespacedSecretAsync(
                        KubernetesApi.Patch(content, type),
                        name,
                        id.Namespace,
                        fieldManager: CnpgNames.Manager,
                        force: type == V1Patch.PatchType.ApplyPatch ? true : null,
                        cancellationToken: token
                    ),
                cancel
            )
        )
            .Metadata
            .ResourceVersion;

    private Task<V1Secret?> FindAsync(ClusterId id, string name, CancellationToken cancel) =>
        api.FindAsync((c, token) => c.CoreV1.ReadNamespacedSecretAsync(name, id.Namespace, cancellationToken: token), cancel);

    private static string WithPassword(string key, string value, string password) =>
        key == "pgpass" ? PgPassRegex().Replace(value, m => $"{m.Groups["rest"].Value}{password}")
        : key.Contains("jdbc", StringComparison.Ordinal) ? JdbcRegex().Replace(value, m => $"{m.Groups["rest"].Value}{password}")
        : UriRegex().Replace(value, m => $"{m.Groups["rest"].Value}{password}");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Text(V1Secret secret, string key) =>
        secret.Data?.TryGetValue(key, out var bytes) == true
            ? Encoding.UTF8.GetString(bytes)
            : throw new ExternalSystemException(ExternalFailure.Unavailable, $"The Secret {secret.Metadata.Name} has no {key} yet.");

    [GeneratedRegex(
        @"^(?<rest>([^:]*:){4})[^\n]*",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex PgPassRegex();

    [GeneratedRegex(
        @"(?<rest>[?&]password=)[^&]*",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex JdbcRegex();

    [GeneratedRegex(
        @"^(?<rest>[a-z]+://[^:@/]*:)[^@]*",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex UriRegex();
}
