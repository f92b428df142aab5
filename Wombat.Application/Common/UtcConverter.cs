using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wombat.Application.Common;

/// <summary>
/// Writes times in RFC 3339 in UTC with Z and six fractional digits (the precision of the database), so that they sort as text.
/// </summary>
public sealed class UtcConverter : JsonConverter<DateTimeOffset>
{
    private const int ToMicroseconds = 26;

    /// <exception cref="JsonException">The text is not a time with an offset.</exception>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Rfc3339.TryParse(reader.GetString(), out var time)
            ? time
            : throw new JsonException(Rfc3339.Expected);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => Write(writer, value);

    /// <summary>Writes <paramref name="value"/> as the next JSON value.</summary>
    public static void Write(Utf8JsonWriter writer, DateTimeOffset value)
    {
        Span<byte> text = stackalloc byte[28];
        value.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[ToMicroseconds] = (byte)'Z';
        writer.WriteStringValue(text[..(ToMicroseconds + 1)]);
    }
}
