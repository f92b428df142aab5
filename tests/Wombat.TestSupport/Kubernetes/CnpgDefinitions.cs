using System.Text.Json.Nodes;
using k8s;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>
/// The definitions of CloudNativePG's resources. They are read from the folder that CNPG_DEFINITIONS names, by default
/// <c>shared/contracts/cnpg</c> beside the repository. Where there is none, definitions that check hardly anything stand in, so that
/// every test runs.
/// </summary>
public static class CnpgDefinitions
{
    private const string Group = "postgresql.cnpg.io";
    private const string Variable = "CNPG_DEFINITIONS";

    private static readonly (string Plural, string Kind)[] Kinds =
    [
        ("clusters", "Cluster"),
        ("poolers", "Pooler"),
        ("backups", "Backup"),
        ("scheduledbackups", "ScheduledBackup"),
    ];

    internal static async Task CreateAsync(k8s.Kubernetes client)
    {
        var folder = Folder();
        await TestContext.Progress.WriteLineAsync($"Definitions of CloudNativePG: {folder ?? "stand-ins without schemas"}");
        foreach (var (plural, kind) in Kinds)
        {
            var definition = folder is null
                ? StandIn(plural, kind)
                : JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, $"{plural}.json")))!.AsObject();
            await client.CustomObjects.CreateClusterCustomObjectAsync(
                definition,
                "apiextensions.k8s.io",
                "v1",
                "customresourcedefinitions"
            );
        }

        foreach (var (plural, _) in Kinds)
        {
            await Eventually.UntilAsync(() => IsServedAsync(client, plural), $"{plural} are served");
        }
    }

    private static async Task<bool> IsServedAsync(k8s.Kubernetes client, string plural)
    {
        try
        {
            await client.CustomObjects.ListClusterCustomObjectAsync(Group, "v1", plural);
            return true;
        }
        catch (k8s.Autorest.HttpOperationException)
        {
            return false;
        }
    }

    private static string? Folder()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"{Variable}: there is no folder {named}");
        }

        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            var folder = Path.Combine(above.FullName, "shared", "contracts", "cnpg");
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        return null;
    }

    private static JsonObject StandIn(string plural, string kind) =>
        JsonNode
            .Parse(
                $$$"""
                {
                  "apiVersion": "apiextensions.k8s.io/v1",
                  "kind": "CustomResourceDefinition",
                  "metadata": {"name": "{{{plural}}}.{{{Group}}}"},
                  "spec": {
                    "group": "{{{Group}}}",
                    "scope": "Namespaced",
                    "names": {"plural": "{{{plural}}}", "kind": "{{{kind}}}"},
                    "versions": [{
                      "name": "v1",
                      "served": true,
                      "storage": true,
                      "subresources": {"status": {}},
                      "schema": {"openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": true,
                        "properties": {"spec": {
                          "type": "object",
                          "x-kubernetes-preserve-unknown-fields": true,
                          "properties": {"instances": {"type": "integer", "minimum": 1}}
                        }}
                      }}
                    }]
                  }
                }
                """
            )!
            .AsObject();
}
