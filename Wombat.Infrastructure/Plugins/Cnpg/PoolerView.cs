using System.Text.Json.Nodes;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Reads a Pooler object.</summary>
internal sealed class PoolerView(JsonObject json)
{
    private const string Active = "active";

    public string Name => json["metadata"]!["name"]!.GetValue<string>();

    public string Namespace => json["metadata"]!["namespace"]!.GetValue<string>();

    public bool HasFailed => Phase == "failed";

    // Older operators report no phase, only the instances.
    public bool IsActive => Phase is null ? Instances > 0 : Phase == Active && Instances > 0;

    public string PhaseText =>
        json["status"]?["phaseReason"]?.GetValue<string>() is { Length: > 0 } reason ? $"{Phase}: {reason}"
        : Phase is null or Active ? "not ready yet."
        : $"{Phase}.";

    private string? Phase => json["status"]?["phase"]?.GetValue<string>() is { Length: > 0 } phase ? phase : null;

    private int Instances => json["status"]?["instances"]?.GetValue<int>() ?? 0;
}
