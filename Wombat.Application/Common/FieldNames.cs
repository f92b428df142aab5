using System.Text.Json;

namespace Wombat.Application.Common;

/// <summary>Converts property paths to the API's field names: <c>Size.MemoryMiB[0]</c> → <c>size.memory_mi_b[0]</c>.</summary>
public static class FieldNames
{
    public static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>
    /// Drops a leading <c>Details.</c>, <c>Page.</c>, <c>Spec.</c>, <c>Fields.</c>, <c>Key.</c> or <c>Arguments.</c>: groupings that the
    /// JSON does not have.
    /// </summary>
    public static string OfPath(string path)
    {
        var all = path.Split('.');
        var parts = all.SkipWhile((p, i) => i < all.Length - 1 && p is ("Details" or "Page" or "Spec" or "Fields" or "Key" or "Arguments"))
            .Select(part =>
            {
                var bracket = part.IndexOf('[', StringComparison.Ordinal);
                return bracket < 0 ? Snake(part) : Snake(part[..bracket]) + part[bracket..];
            });
        return string.Join('.', parts);
    }
}
