using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wombat.Api.Endpoints;

/// <summary>A field of a merge patch: absent, null, or a value.</summary>
[JsonConverter(typeof(OptionalConverterFactory))]
public readonly record struct Optional<T>(bool IsPresent, T? Value)
{
    /// <summary>The value given, or <paramref name="current"/> where the patch does not speak of it; null resets to <paramref name="reset"/>.</summary>
    public T Or(T current, T reset) =>
        !IsPresent ? current
        : Value is null ? reset
        : Value;
}

internal sealed class OptionalConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Optional<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GenericTypeArguments))!;

    private sealed class Converter<T> : JsonConverter<Optional<T>>
    {
        public override bool HandleNull => true;

        public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return new(
                    IsPresent: true,
                    reader.TokenType == JsonTokenType.Null ? default : JsonSerializer.Deserialize<T>(ref reader, options)
                );
            }
            catch (JsonException e)
            {
                // Without a path: the outer reader adds the field's.
                throw new JsonException(e.Message, e);
            }
        }

        public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Value, options);
    }
}
