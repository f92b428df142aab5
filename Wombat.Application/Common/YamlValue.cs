namespace Wombat.Application.Common;

/// <summary>A value of a YAML document: a text, a list, fields in their order, or nothing.</summary>
internal sealed record YamlValue
{
    public static readonly YamlValue Nothing = new();

    /// <summary>The text as it is written, whatever type YAML would give it.</summary>
    public string? Text { get; private init; }

    /// <summary>Whether the text is a word or number of its field, which needs no quotes.</summary>
    public bool IsWord { get; private init; }

    public IReadOnlyList<YamlValue>? Items { get; private init; }

    public IReadOnlyList<KeyValuePair<string, YamlValue>>? Fields { get; private init; }

    public static YamlValue Of(string text) => new() { Text = text };

    public static YamlValue Word(string text) => new() { Text = text, IsWord = true };

    public static YamlValue OfItems(IReadOnlyList<YamlValue> items) => new() { Items = items };

    public static YamlValue OfTexts(IEnumerable<string> texts) => OfItems([.. texts.Select(Of)]);

    public static YamlValue OfFields(IReadOnlyList<KeyValuePair<string, YamlValue>> fields) => new() { Fields = fields };
}
