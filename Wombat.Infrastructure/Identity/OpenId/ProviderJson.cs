using System.Globalization;
using System.Text.Json;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>Reads JSON objects in tokens and responses of providers. A member of the wrong type counts as absent.</summary>
internal static class ProviderJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>
    /// Parses a JSON object. Returns null for anything else, for duplicate names, and for text with NUL (which the database rejects) or
    /// an unpaired surrogate (which fails when it is read).
    /// </summary>
    public static JsonElement? Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object && IsPlain(json) ? document.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The value of a text member, or null.</summary>
    public static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The texts of a member that is a text or an array of texts; other elements are ignored.</summary>
    public static IReadOnlyList<string> Texts(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var value)
            ? []
            : value.ValueKind switch
            {
                JsonValueKind.String => [value.GetString()!],
                JsonValueKind.Array =>
                [
                    .. value.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!),
                ],
                _ => [],
            };

    /// <summary>The texts of a member that is a text or an array of texts only; null if it is absent or anything else.</summary>
    public static IReadOnlyList<string>? List(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var value)
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.String => [value.GetString()!],
                JsonValueKind.Array when value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) => Texts(json, name),
                _ => null,
            };

    /// <summary>Whether a member is true or "true".</summary>
    public static bool IsTrue(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value)
        && (
            value.ValueKind == JsonValueKind.True
            || value.ValueKind == JsonValueKind.String && bool.TryParse(value.GetString(), out var flag) && flag
        );

    /// <summary>Whether a member is false or "false".</summary>
    public static bool IsFalse(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value)
        && (
            value.ValueKind == JsonValueKind.False
            || value.ValueKind == JsonValueKind.String && bool.TryParse(value.GetString(), out var flag) && !flag
        );

    /// <summary>The value of a member that is a number, or a number written as text (as some providers do); otherwise null.</summary>
    public static double? Number(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var value)
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.Number when value.TryGetDouble(out var number) => number,
                JsonValueKind.String
                    when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                        && !double.IsNaN(number) => number,
                _ => null,
            };

    private static bool IsPlain(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (
                reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName
                && reader.GetString()!.Contains('\0', StringComparison.Ordinal)
            )
            {
                return false;
            }
        }

        return true;
    }
}
