using System.Globalization;
using System.Text.Json;
using Wombat.Domain.Directories;

namespace Wombat.Infrastructure.Configuration;

/// <summary>
/// Settings from a JSON file and, over it, the environment. <c>jobs.concurrency</c> in the file is
/// <c>WOMBAT_JOBS_CONCURRENCY</c> in the environment. What nobody asked for by the end is unknown, and an error.
/// </summary>
public sealed class SettingsReader
{
    private const string Prefix = "WOMBAT_";

    // Read by the scripts around Wombat, not by Wombat.
    private static readonly string[] NotOurs = ["WOMBAT_CONFIG", "WOMBAT_BENCH_", "WOMBAT_TEST_"];

    private readonly Dictionary<string, (string Source, string Value)> values = new(StringComparer.Ordinal);
    private readonly List<string> problems = [];
    private readonly List<string> failed = [];
    private readonly HashSet<string> unused = new(StringComparer.Ordinal);

    public SettingsReader(string? file, IReadOnlyDictionary<string, string> environment)
    {
        if (file is not null)
        {
            ReadFile(file);
        }

        foreach (var (name, value) in environment.Where(v => v.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (!NotOurs.Any(n => name == n || n.EndsWith('_') && name.StartsWith(n, StringComparison.Ordinal)))
            {
                values[Key(name)] = (name, value);
                unused.Add(Key(name));
            }
        }
    }

    /// <summary>The text of <paramref name="name"/>, or of the first of the foreign variables that is set, or null.</summary>
    public string? Text(string name, IReadOnlyDictionary<string, string> environment, params string[] foreign)
    {
        var own = Text(name);
        return foreign.Select(f => environment.TryGetValue(f, out var v) && v.Length > 0 ? v : null).FirstOrDefault(v => v is not null)
            ?? own;
    }

    public string? Text(string name)
    {
        var key = Key(Prefix + name);
        unused.Remove(key);
        return values.TryGetValue(key, out var found) && found.Value.Length > 0 ? found.Value : null;
    }

    /// <summary>The names of the sections <c>GROUP.NAME</c> that have this setting, in lower case with - for every _.</summary>
    public IReadOnlyList<string> InstancesOf(string group, string setting)
    {
        var (prefix, suffix) = (Key(Prefix + group + "."), Key("." + setting));
        return
        [
            .. values
                .Keys.Where(k =>
                    k.StartsWith(prefix, StringComparison.Ordinal)
                    && k.EndsWith(suffix, StringComparison.Ordinal)
                    && k.Length > prefix.Length + suffix.Length
                )
                .Select(k => k[prefix.Length..^suffix.Length].ToLowerInvariant().Replace('_', '-')),
        ];
    }

    /// <summary>Accepts all settings whose names begin so, without using them.</summary>
    public void Skip(string prefix) => unused.RemoveWhere(u => u.StartsWith(Key(Prefix + prefix), StringComparison.Ordinal));

    public int Number(string name, int otherwise, int min, int max) =>
        Text(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
        : Report(name, $"must be a whole number from {min} to {max}, not '{text}'", otherwise);

    /// <summary>How long something is kept; null, without the setting or at 0, for ever.</summary>
    public TimeSpan? Retention(string name) => Number(name, 0, 0, 36_500) is > 0 and var days ? TimeSpan.FromDays(days) : null;

    public TimeSpan Seconds(string name, double otherwise, double min, double max) =>
        Text(name) is not { } text ? TimeSpan.FromSeconds(otherwise)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? TimeSpan.FromSeconds(value)
        : Report(name, $"must be seconds from {min} to {max}, not '{text}'", TimeSpan.FromSeconds(otherwise));

    public bool Flag(string name, bool otherwise) =>
        Text(name) switch
        {
            null => otherwise,
            "true" or "1" => true,
            "false" or "0" => false,
            { } text => Report(name, $"must be true or false, not '{text}'", otherwise),
        };

    /// <summary>A JSON array of strings; in the environment, a plain list with commas serves as well.</summary>
    public IReadOnlyList<string>? List(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        try
        {
            return text.TrimStart().StartsWith('[')
                ? JsonSerializer.Deserialize<string[]>(text)!
                : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        }
        catch (JsonException)
        {
            return Report<IReadOnlyList<string>?>(name, "must be a JSON array of strings", null);
        }
    }

    /// <summary>What NAME_file holds, or NAME itself; never both.</summary>
    public string? Secret(string name)
    {
        var (own, file) = (Text(name), Text(name + "_file"));
        if (own is not null && file is not null)
        {
            throw Wrong(name, $"and {name}_file exclude each other");
        }

        try
        {
            return file is null ? own : File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(name + "_file", $"cannot be read: {e.Message}");
        }
    }

    /// <summary>A list of <c>GROUP -> admin</c> and <c>GROUP -> PROJECT:ROLE</c>; as names of groups may hold commas, always a JSON array where there are several.</summary>
    /// <param name="spelling">Turns the group's name into the one spelling that is compared.</param>
    public RoleMappings Mappings(string name, Func<string, string>? spelling = null)
    {
        var lines = Text(name) is { } text && !text.TrimStart().StartsWith('[') ? [text] : List(name) ?? [];
        return new RoleMappings([
            .. lines.Select(l =>
                RoleMapping.TryParse(l, out var mapping)
                    ? mapping with
                    {
                        Group = spelling?.Invoke(mapping.Group) ?? mapping.Group,
                    }
                    : throw Wrong(
                        name,
                        $"must be 'GROUP -> admin' or 'GROUP -> PROJECT:ROLE' with the role viewer, developer or project_manager, not '{l}'"
                    )
            ),
        ]);
    }

    /// <summary>Notes an error for <see cref="ThrowOnProblems"/>, so that the next one is found in the same run.</summary>
    /// <returns><paramref name="otherwise"/>, to go on with.</returns>
    public T Report<T>(string name, string problem, T otherwise)
    {
        var said = Wrong(name, problem).Message;
        if (!problems.Contains(said, StringComparer.Ordinal))
        {
            problems.Add(said);
        }

        return otherwise;
    }

    /// <summary>Reads a section that may end with an error; the others are read all the same.</summary>
    /// <param name="section">The beginning of its settings' names, which are not called unknown when it ended early.</param>
    public T? Collect<T>(string section, Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (SettingsException e)
        {
            problems.Add(e.Message);
            failed.Add(Key(Prefix + section));
            return default;
        }
    }

    /// <summary>An error that names the setting as the operator wrote it.</summary>
    public SettingsException Wrong(string name, string problem) =>
        new(values.TryGetValue(Key(Prefix + name), out var found) ? found.Source : name, problem);

    /// <exception cref="SettingsException">Settings are wrong, or not known to Wombat; the message has a line for each.</exception>
    public void ThrowOnProblems()
    {
        var unknown = unused
            .Where(u => !failed.Exists(f => u.StartsWith(f, StringComparison.Ordinal)))
            .Select(u => values[u].Source)
            .Order(StringComparer.Ordinal);
        List<string> all = [.. problems, .. unknown.Select(u => new SettingsException(u, "is not a setting of Wombat").Message)];
        if (all.Count > 0)
        {
            throw new SettingsException(all);
        }
    }

    private static string Key(string name) => name.Replace('.', '_').Replace('-', '_').ToUpperInvariant();

    private void ReadFile(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(
                File.ReadAllText(file),
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
            );
            Flatten("", document.RootElement);
        }
        catch (JsonException e)
        {
            throw new SettingsException(file, $"is not valid JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException(file, $"cannot be read: {e.Message}");
        }
    }

    private void Flatten(string path, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                Flatten(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value);
            }
        }
        else
        {
            var key = Key(Prefix + path);
            if (values.TryGetValue(key, out var other))
            {
                problems.Add(new SettingsException(path, $"is set twice in the file, here and as {other.Source}").Message);
            }

            values[key] = (path, element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText());
            unused.Add(key);
        }
    }
}
