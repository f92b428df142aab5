using System.Text.Json.Nodes;

namespace Wombat.TestSupport;

/// <summary>The committed OpenAPI document.</summary>
public static class OpenApiDocument
{
    private static readonly JsonNode Root = JsonNode.Parse(
        File.ReadAllText(Path.Combine(WombatProcess.RepositoryRoot(), "openapi", "v1.json"))
    )!;

    public static IReadOnlyList<Operation> Operations { get; } =
    [
        .. Root["paths"]!
            .AsObject()
            .SelectMany(p => p.Value!.AsObject().Select(o => new Operation((string)o.Value!["operationId"]!, o.Key, p.Key, o.Value!))),
    ];

    /// <param name="reference">Its name, or a reference to it.</param>
    public static JsonNode Schema(string reference) => Root["components"]!["schemas"]![reference.Split('/')[^1]]!;

    /// <param name="Method">In lower case.</param>
    /// <param name="Path">With its parameters in braces.</param>
    /// <param name="Node">The operation in the document.</param>
    public sealed record Operation(string Id, string Method, string Path, JsonNode Node);
}
