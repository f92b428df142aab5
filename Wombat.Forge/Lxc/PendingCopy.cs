using System.Text.Json.Nodes;

namespace Wombat.Forge.Lxc;

/// <summary>
/// A snapshot, restore or rebuild that has begun. Recorded before its first change, so that another forge process can end it.
/// </summary>
/// <param name="Copy">The folder of the copy that it makes.</param>
/// <param name="Request">The caller's name for the request.</param>
/// <param name="IsComplete">
/// Whether the copy is complete and replaces the root file system: from then on the restore or rebuild is completed, before that it is
/// undone.
/// </param>
/// <param name="WasRunning">Whether the container runs afterwards.</param>
internal sealed record PendingCopy(string Copy, string? Request, bool IsComplete, bool WasRunning)
{
    public static PendingCopy? From(JsonNode? json) =>
        json is null
            ? null
            : new PendingCopy((string)json["copy"]!, (string?)json["request"], (bool)json["complete"]!, (bool)json["running"]!);

    public JsonObject ToJson() =>
        new()
        {
            ["copy"] = Copy,
            ["request"] = Request,
            ["complete"] = IsComplete,
            ["running"] = WasRunning,
        };
}
