using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wombat.Api.Endpoints;

/// <summary>Reads a port, or the text auto as null.</summary>
internal sealed class AutoPortConverter : JsonConverter<int?>
{
    public override int? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String when reader.ValueTextEquals("auto") => null,
            JsonTokenType.Number when reader.TryGetInt32(out var port) => port,
            _ => throw new JsonException("must be a port or auto"),
        };

    public override void Write(Utf8JsonWriter writer, int? value, JsonSerializerOptions options)
    {
        if (value is { } port)
        {
            writer.WriteNumberValue(port);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
