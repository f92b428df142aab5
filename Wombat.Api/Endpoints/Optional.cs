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
