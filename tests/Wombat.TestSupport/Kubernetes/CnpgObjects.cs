using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>CloudNativePG's objects as JSON.</summary>
public sealed class CnpgObjects(k8s.Kubernetes client)
{
    private const string Group = "postgresql.cnpg.io";
    private const string Version = "v1";

    public async Task<JsonObject?> FindAsync(string plural, string space, string name)
    {
        try
        {
            return Node(await client.CustomObjects.GetNamespacedCustomObjectAsync(Group, Version, space, plural, name));
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<JsonObject>> ListAsync(string plural, CancellationToken cancel = default) =>
        [
            .. Node(await client.CustomObjects.ListClusterCustomObjectAsync(Group, Version, plural, cancellationToken: cancel))["items"]!
                .AsArray()
                .Select(i => i!.AsObject()),
        ];

    /// <summary>A merge patch of the status.</summary>
    public async Task SetStatusAsync(string plural, JsonObject of, JsonObject status) =>
        await client.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
            new V1Patch(new JsonObject { ["status"] = status }.ToJsonString(), V1Patch.PatchType.MergePatch),
            Group,
            Version,
            Namespace(of),
            plural,
            Name(of)
        );

    /// <summary>A merge patch.</summary>
    public async Task MergeAsync(string plural, string space, string name, JsonObject patch) =>
        await client.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch(patch.ToJsonString(), V1Patch.PatchType.MergePatch),
            Group,
            Version,
            space,
            plural,
            name
        );

    public async Task DeleteAsync(string plural, string space, string name) =>
        await client.CustomObjects.DeleteNamespacedCustomObjectAsync(Group, Version, space, plural, name);

    public async Task DeleteAllAsync(string plural, string space) =>
        await client.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync(Group, Version, space, plural);

    public static string Name(JsonObject of) => of["metadata"]!["name"]!.GetValue<string>();

    public static string Namespace(JsonObject of) => of["metadata"]!["namespace"]!.GetValue<string>();

    public static string Uid(JsonObject of) => of["metadata"]!["uid"]!.GetValue<string>();

    public static string? Annotation(JsonObject of, string name) => of["metadata"]!["annotations"]?[name]?.GetValue<string>();

    private static JsonObject Node(object answer) => JsonObject.Create((JsonElement)answer)!;
}
