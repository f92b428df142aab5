using System.Text;
using System.Text.Json;
using Wombat.Domain.Common;

namespace Wombat.Application.Common;

/// <summary>The position after a page: the last row's sort key and id. Opaque to clients.</summary>
/// <param name="Sort">The sort order that it is valid for.</param>
/// <param name="Key">The sort key as text; empty when the id alone is the order.</param>
/// <param name="Id">The id of the last row.</param>
public sealed record Cursor(string Sort, string Key, Guid Id)
{
    public string Encode() =>
        Convert
            .ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this, CursorJsonContext.Default.Cursor))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');

    /// <exception cref="InvalidInputException">The text is not a cursor of this list in this order.</exception>
    public static Cursor? Decode(string? text, string sort)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            var base64 = text.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
            var cursor = JsonSerializer.Deserialize(bytes, CursorJsonContext.Default.Cursor);
            if (cursor is { Key: not null } && cursor.Sort == sort && !cursor.Key.Contains('\0', StringComparison.Ordinal))
            {
                return cursor;
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or DecoderFallbackException)
        {
            // Reported below, because the caller does not need the cause.
        }

        throw new InvalidInputException("cursor", "must be the next_cursor of this list with the same sort order");
    }
}
