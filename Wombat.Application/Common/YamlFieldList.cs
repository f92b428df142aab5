using System.Globalization;

namespace Wombat.Application.Common;

/// <summary>Collects the fields of an object of a YAML document, without those that have their default.</summary>
internal sealed class YamlFieldList
{
    private readonly List<KeyValuePair<string, YamlValue>> fields = [];

    public YamlValue Value => YamlValue.OfFields(fields);

    public YamlFieldList Text(string name, string? value) => value is null ? this : Add(name, YamlValue.Of(value));

    public YamlFieldList Word<T>(string name, T? value, T? usual)
        where T : struct =>
        value is not { } given || value.Equals(usual)
            ? this
            : Add(
                name,
                YamlValue.Word(
                    given is bool or Enum ? FieldNames.Snake(given.ToString()!) : string.Create(CultureInfo.InvariantCulture, $"{given}")
                )
            );

    public YamlFieldList Texts(string name, IReadOnlyList<string> values) =>
        values.Count == 0 ? this : Add(name, YamlValue.OfTexts(values));

    public YamlFieldList Objects(string name, IReadOnlyList<YamlValue> values) =>
        values.Count == 0 ? this : Add(name, YamlValue.OfItems(values));

    /// <summary>Texts by names, sorted by them.</summary>
    public YamlFieldList Map(string name, IReadOnlyDictionary<string, string> values) =>
        values.Count == 0
            ? this
            : Add(
                name,
                YamlValue.OfFields([
                    .. values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => KeyValuePair.Create(v.Key, YamlValue.Of(v.Value))),
                ])
            );

    private YamlFieldList Add(string name, YamlValue value)
    {
        fields.Add(KeyValuePair.Create(name, value));
        return this;
    }
}
