using System.Text.Json.Nodes;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>The last restore in place of a database, from the moment when its Cluster is about to be replaced.</summary>
/// <param name="RequestId">A repeated call with this id continues it.</param>
/// <param name="Point">What is restored.</param>
/// <param name="ServerName">The name under which the restored Cluster stores its backups, by which it is known.</param>
/// <param name="IsDone">Whether users can connect to the restored data.</param>
internal sealed record InPlaceRestoreState(Guid RequestId, RecoveryPoint Point, string ServerName, bool IsDone = false)
{
    public string ToJson() =>
        new JsonObject
        {
            ["request"] = RequestId.ToString(),
            ["source"] = Point.ServerName,
            ["target"] = Point.Target?.DeepClone(),
            ["serverName"] = ServerName,
            ["done"] = IsDone,
        }.ToJsonString();

    /// <summary>Null when there was none.</summary>
    public static InPlaceRestoreState? Parse(string? json) =>
        json is null || JsonNode.Parse(json) is not JsonObject state
            ? null
            : new InPlaceRestoreState(
                Guid.Parse(state["request"]!.GetValue<string>()),
                new RecoveryPoint(state["source"]!.GetValue<string>(), state["target"]?.DeepClone() as JsonObject),
                state["serverName"]!.GetValue<string>(),
                state["done"]!.GetValue<bool>()
            );
}
