using System.Text.Json.Nodes;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>How the data of a cluster are created.</summary>
/// <param name="Bootstrap">The field <c>bootstrap</c> of its spec.</param>
/// <param name="Source">The entry of <c>externalClusters</c> that it names; null when it names none.</param>
internal sealed record ClusterBootstrap(JsonObject Bootstrap, JsonObject? Source)
{
    /// <summary>Whether the data come from a backup.</summary>
    public bool IsRecovery => Bootstrap.ContainsKey("recovery");
}
