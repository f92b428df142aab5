using System.Globalization;
using System.Text.Json.Nodes;

namespace Wombat.Forge;

/// <summary>A snapshot of a container.</summary>
/// <param name="ExpiresAt">When the caller may delete it; forge itself deletes none. Null for never.</param>
/// <param name="Bytes">The disk space that it occupied when it was made; null if the back end does not know.</param>
internal sealed record Snapshot(string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, long? Bytes)
{
    public JsonObject ToJson() =>
        new()
        {
            ["name"] = Name,
            ["created_at"] = Text(CreatedAt),
            ["expires_at"] = ExpiresAt is { } expiry ? Text(expiry) : null,
            ["bytes"] = Bytes,
        };

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
