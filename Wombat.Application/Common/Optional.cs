using System.Text.Json.Serialization;

namespace Wombat.Application.Common;

/// <summary>A field of a merge patch (RFC 7396): absent, null, or a value.</summary>
[JsonConverter(typeof(OptionalConverterFactory))]
public readonly record struct Optional<T>(bool IsPresent, T? Value)
{
    public Optional(T? value)
        : this(IsPresent: true, value) { }

    /// <summary>The value; <paramref name="current"/> when it is absent, <paramref name="reset"/> when it is null.</summary>
    public T Or(T current, T reset) =>
        !IsPresent ? current
        : Value is null ? reset
        : Value;
}
