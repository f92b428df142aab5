using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Compares an object with the spec that Wombat applied last, which an annotation of the object keeps.</summary>
internal static class AppliedSpec
{
    private const string ParameterPath = "Cluster.spec.postgresql.parameters.";

    // Fields that the spec of a database can hold, by its names for them.
    private static readonly Dictionary<string, (string Field, Func<string, int?> Read)> Fields = new(StringComparer.Ordinal)
    {
        ["Cluster.spec.instances"] = ("instances", Number),
        ["Cluster.spec.storage.size"] = ("storage", Quantity.Mebibytes),
        ["Cluster.spec.resources.limits.memory"] = ("memory", Quantity.Mebibytes),
        ["Cluster.spec.resources.limits.cpu"] = ("cpu_millis", Quantity.Thousandths),
        [$"{ParameterPath}max_connections"] = ("max_connections", text => Number(text) - CnpgManifests.ReservedConnections),
        ["Pooler.spec.instances"] = ("pooler_instances", Number),
    };

    public static void AddTo(JsonObject manifest) =>
        manifest["metadata"]!["annotations"]![CnpgNames.AppliedAnnotation] = manifest["spec"]!.ToJsonString();

    /// <summary>Lets an object be compared with another spec than its own.</summary>
    /// <param name="expected">The object with that spec; null when there should be no instance of it.</param>
    public static void Expect(JsonObject manifest, JsonObject? expected)
    {
        var annotations = manifest["metadata"]!["annotations"]!.AsObject();
        var spec = manifest["spec"]!.AsObject();
        if (expected is null)
        {
            annotations[CnpgNames.AppliedAnnotation] = new JsonObject { ["instances"] = 0 }.ToJsonString();
            return;
        }

        foreach (var (name, value) in expected["metadata"]!["annotations"]!.AsObject())
        {
            annotations[name] = value?.DeepClone();
        }

        annotations[CnpgNames.AppliedAnnotation] = WithAbsent(expected["spec"]!.AsObject(), spec).ToJsonString();
    }

    /// <summary>What somebody has changed since.</summary>
    /// <param name="present">The object; null when it is missing.</param>
    /// <param name="name">The name that it should have.</param>
    public static IEnumerable<ResourceDifference> Compare(KubernetesKind kind, string name, JsonObject? present)
    {
        if (present is null)
        {
            return [new ResourceDifference(kind.Kind, name, null)];
        }

        var applied = present["metadata"]?["annotations"]?[CnpgNames.AppliedAnnotation]?.GetValue<string>();
        return applied is null ? [] : Compare($"{kind.Kind}.spec", JsonNode.Parse(applied), present["spec"]);
    }

    // A field that should be absent is null, since fields that are not named are not compared.
    private static JsonObject WithAbsent(JsonObject expected, JsonObject actual)
    {
        var all = expected.DeepClone().AsObject();
        foreach (var (name, value) in actual)
        {
            if (!expected.TryGetPropertyValue(name, out var known))
            {
                all[name] = null;
            }
            else if (value is JsonObject inner && known is JsonObject of)
            {
                all[name] = WithAbsent(of, inner);
            }
        }

        return all;
    }

    // The server adds the defaults of fields that were not applied, which are no differences.
    private static IEnumerable<ResourceDifference> Compare(string path, JsonNode? applied, JsonNode? present) =>
        (applied, present) switch
        {
            (JsonObject a, JsonObject p) => a.SelectMany(field => Compare($"{path}.{field.Key}", field.Value, p[field.Key])),
            (JsonArray a, JsonArray p) when a.Count == p.Count => a.SelectMany((item, i) => Compare($"{path}[{i}]", item, p[i])),
            _ when JsonNode.DeepEquals(applied, present) || IsEmpty(applied) && IsEmpty(present) => [],
            _ when IsSameQuantity(path, Text(applied), Text(present)) => [],
            _ => [Difference(path, Text(applied), Text(present))],
        };

    private static ResourceDifference Difference(string path, string? expected, string? actual)
    {
        if (Fields.TryGetValue(path, out var known))
        {
            return new ResourceDifference(known.Field, Read(known.Read, expected), Read(known.Read, actual));
        }

        return path.StartsWith(ParameterPath, StringComparison.Ordinal)
            ? new ResourceDifference($"{TierAdoption.SettingPrefix}{path[ParameterPath.Length..]}", expected, actual)
            : new ResourceDifference(path, expected, actual);
    }

    private static string? Read(Func<string, int?> read, string? text) =>
        text is not null && read(text) is { } number ? number.ToString(CultureInfo.InvariantCulture) : text;

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    // The operator writes quantities in their canonical form: 1000m as 1, 1024Mi as 1Gi.
    private static bool IsSameQuantity(string path, string? applied, string? present)
    {
        Func<string, int?>? read =
            path.EndsWith(".cpu", StringComparison.Ordinal) ? Quantity.Thousandths
            : path.EndsWith(".memory", StringComparison.Ordinal) || path.EndsWith(".size", StringComparison.Ordinal) ? Quantity.Mebibytes
            : null;
        return read is not null && applied is not null && present is not null && read(applied) is { } number && number == read(present);
    }

    private static bool IsEmpty(JsonNode? node) => Text(node) is null or "" or "{}" or "[]";

    private static string? Text(JsonNode? node) => node is JsonValue value ? value.ToString() : node?.ToJsonString();
}
