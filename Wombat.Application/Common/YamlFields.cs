using System.Globalization;

namespace Wombat.Application.Common;

/// <summary>
/// The fields of one object of a YAML document, each of which is taken once by its name and type. What is wrong is added to the errors,
/// and the field then counts as absent.
/// </summary>
internal sealed class YamlFields
{
    private const string NothingWritten = "has no value: leave it out, or put the text in quotes";

    private readonly Dictionary<string, YamlValue> fields = new(StringComparer.Ordinal);
    private readonly YamlErrors errors;

    /// <param name="path">The place of the object in the document; empty for the document itself.</param>
    public YamlFields(YamlValue value, string path, YamlErrors errors)
    {
        (Path, IsObject, this.errors) = (path, value.Fields is not null, errors);
        if (!IsObject)
        {
            errors.Add(path, "must have fields");
        }

        foreach (var (name, field) in value.Fields ?? [])
        {
            if (!fields.TryAdd(name, field))
            {
                errors.Add(PathOf(name), "is given twice");
            }
        }
    }

    public string Path { get; }

    /// <summary>Whether it is an object; if not, that is reported already.</summary>
    public bool IsObject { get; }

    public bool Has(string name) => fields.ContainsKey(name);

    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    public string? Text(string name) => Take(name) is { } value ? TextOf(value, PathOf(name)) : null;

    public bool? Boolean(string name) =>
        Text(name) switch
        {
            null => null,
            "true" => true,
            "false" => false,
            _ => Wrong<bool?>(name, "must be true or false"),
        };

    public long? Integer(string name, long min = long.MinValue, long max = long.MaxValue) =>
        Text(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
        : Wrong<long?>(name, "must be a whole number");

    public T? OneOf<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        var words = Enum.GetNames<T>().ToDictionary(FieldNames.Snake, Enum.Parse<T>, StringComparer.Ordinal);
        return words.TryGetValue(text, out var value) ? value : Wrong<T?>(name, $"must be one of {string.Join(", ", words.Keys)}");
    }

    public IReadOnlyList<string> Texts(string name) =>
        [.. Items(name).Select((item, i) => TextOf(item, $"{PathOf(name)}[{i}]")).OfType<string>()];

    /// <summary>The objects of a list.</summary>
    public IReadOnlyList<YamlFields> Objects(string name) =>
        [.. Items(name).Select((item, i) => new YamlFields(item, $"{PathOf(name)}[{i}]", errors))];

    /// <summary>Texts by names that the document chooses.</summary>
    public IReadOnlyDictionary<string, string> Map(string name)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Take(name) is { } value)
        {
            var given = new YamlFields(value, PathOf(name), errors);
            foreach (var key in given.fields.Keys.ToList())
            {
                texts[key] = given.Text(key) ?? "";
            }
        }

        return texts;
    }

    /// <summary>Reports the fields that nobody has taken.</summary>
    public void EnsureAllTaken()
    {
        foreach (var name in fields.Keys)
        {
            errors.Add(PathOf(name), "is not a field of it");
        }
    }

    private IReadOnlyList<YamlValue> Items(string name) =>
        Take(name) is not { } value ? [] : value.Items ?? Wrong<IReadOnlyList<YamlValue>?>(name, "must be a list") ?? [];

    private YamlValue? Take(string name) => fields.Remove(name, out var value) ? value : null;

    private string? TextOf(YamlValue value, string path)
    {
        if (value.Text is null)
        {
            errors.Add(path, value == YamlValue.Nothing ? NothingWritten : "must be a text");
        }

        return value.Text;
    }

    private T? Wrong<T>(string name, string problem)
    {
        errors.Add(PathOf(name), problem);
        return default;
    }
}
