using System.Globalization;
using System.Text.Json;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>JSON objects of other hands, in tokens and answers: whatever is not what it should be is not there.</summary>
internal static class ProviderJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Null for what is no object, says a name twice, or holds NUL or half a Unicode pair: the one would be found by the database, the other when it is read.</summary>
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

    /// <summary>A member that is text, or null.</summary>
    public static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A member that is one text or an array of them.</summary>
    public static IReadOnlyList<string> Texts(JsonElement of, string name) =>
        !of.TryGetProperty(name, out var value)
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

    /// <summary>A member that lists texts: one text, or an array of nothing but texts. Null where it is absent or anything else.</summary>
    public static IReadOnlyList<string>? List(JsonElement of, string name) =>
        !of.TryGetProperty(name, out var value)
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.String => [value.GetString()!],
                JsonValueKind.Array when value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) => Texts(of, name),
                _ => null,
            };

    /// <summary>Whether a member is true, also one written as text.</summary>
    public static bool IsTrue(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value)
        && (
            value.ValueKind == JsonValueKind.True
            || value.ValueKind == JsonValueKind.String && bool.TryParse(value.GetString(), out var flag) && flag
        );

    /// <summary>Whether a member is false, also one written as text.</summary>
    public static bool IsFalse(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value)
        && (
            value.ValueKind == JsonValueKind.False
            || value.ValueKind == JsonValueKind.String && bool.TryParse(value.GetString(), out var flag) && !flag
        );

    /// <summary>A member that is a number, also one written as text, as some providers do; or null.</summary>
    public static double? Number(JsonElement of, string name) =>
        !of.TryGetProperty(name, out var value)
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
