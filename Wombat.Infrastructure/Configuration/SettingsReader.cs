using System.Globalization;
using System.Text.Json;
using Wombat.Application.Settings;
using Wombat.Domain.Directories;

namespace Wombat.Infrastructure.Configuration;

/// <summary>
/// Reads settings from a JSON file and from environment variables, which take precedence. <c>jobs.concurrency</c> in the file is
/// <c>WOMBAT_JOBS_CONCURRENCY</c> in the environment. A setting that was never read is unknown, which is an error.
/// </summary>
public sealed class SettingsReader
{
    private const string Prefix = "WOMBAT_";

    // Variables that scripts read, not Wombat.
    private static readonly string[] IgnoredVariables = ["WOMBAT_CONFIG", "WOMBAT_BENCH_", "WOMBAT_TEST_"];

    private readonly Dictionary<string, (string Source, string Value)> values = new(StringComparer.Ordinal);
    private readonly List<string> problems = [];
    private readonly List<string> failed = [];
    private readonly HashSet<string> unused = new(StringComparer.Ordinal);
    private readonly HashSet<string> arguments;
    private readonly Dictionary<string, ReadSetting> read = new(StringComparer.Ordinal);

    /// <param name="file">The JSON file; null for none.</param>
    /// <param name="environment">The variables, with the options of the command line.</param>
    /// <param name="arguments">The variables that are options of the command line.</param>
    public SettingsReader(string? file, IReadOnlyDictionary<string, string> environment, IEnumerable<string>? arguments = null)
    {
        this.arguments = [.. arguments ?? []];
        if (file is not null)
        {
            ReadFile(file);
        }

        foreach (var (name, value) in environment.Where(v => v.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (!IgnoredVariables.Any(n => name == n || n.EndsWith('_') && name.StartsWith(n, StringComparison.Ordinal)))
            {
                values[Key(name)] = (name, value);
                unused.Add(Key(name));
            }
        }
    }

    /// <summary>What was read until now.</summary>
    internal IReadOnlyCollection<ReadSetting> Read => read.Values;

    /// <summary>
    /// The value of the first of the <paramref name="foreign"/> environment variables that is set, or of <paramref name="name"/>, or null.
    /// </summary>
    public string? Text(string name, IReadOnlyDictionary<string, string> environment, params string[] foreign)
    {
        var own = Text(name);
        if (Array.Find(foreign, f => environment.TryGetValue(f, out var v) && v.Length > 0) is not { } variable)
        {
            return own;
        }

        Record(name, environment[variable], variable, SettingSource.Environment);
        return environment[variable];
    }

    public string? Text(string name)
    {
        var key = Key(Prefix + name);
        unused.Remove(key);
        var (source, value) = values.TryGetValue(key, out var setting) && setting.Value.Length > 0 ? setting : (null, null);
        Record(name, value, source, source is null ? SettingSource.Default : SourceOf(source));
        return value;
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

    public int Number(string name, int defaultValue, int min, int max) =>
        Text(name, defaultValue.ToString(CultureInfo.InvariantCulture)) is not { } text ? defaultValue
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
        : Report(name, $"must be a whole number from {min} to {max}, not '{text}'", defaultValue);

    /// <summary>A retention period in days; null (keep for ever) if the setting is missing or 0.</summary>
    public TimeSpan? Retention(string name) => Number(name, 0, 0, 36_500) is > 0 and var days ? TimeSpan.FromDays(days) : null;

    public TimeSpan Seconds(string name, double defaultValue, double min, double max) =>
        Text(name, defaultValue.ToString(CultureInfo.InvariantCulture)) is not { } text ? TimeSpan.FromSeconds(defaultValue)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? TimeSpan.FromSeconds(value)
        : Report(name, $"must be seconds from {min} to {max}, not '{text}'", TimeSpan.FromSeconds(defaultValue));

    public bool Flag(string name, bool defaultValue) =>
        Text(name, defaultValue ? "true" : "false") switch
        {
            null => defaultValue,
            "true" or "1" => true,
            "false" or "0" => false,
            { } text => Report(name, $"must be true or false, not '{text}'", defaultValue),
        };

    /// <summary>A JSON array of strings, or a comma-separated list.</summary>
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

    /// <summary>The content of the file in NAME_file, or the value of NAME. Setting both is an error.</summary>
    public string? Secret(string name)
    {
        var (own, file) = (Text(name), Text(name + "_file"));
        Hide(name);
        if (own is not null && file is not null)
        {
            throw Wrong(name, $"and {name}_file must not both be set");
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

    /// <summary>
    /// Role mappings such as <c>GROUP -> admin</c> or <c>GROUP -> PROJECT:ROLE</c>. Several must be a JSON array, because group names may
    /// contain commas.
    /// </summary>
    /// <param name="normalize">Normalizes a group name for comparison.</param>
    public RoleMappings Mappings(string name, Func<string, string>? normalize = null)
    {
        var lines = Text(name) is { } text && !text.TrimStart().StartsWith('[') ? [text] : List(name) ?? [];
        return new RoleMappings([
            .. lines.Select(l =>
                RoleMapping.TryParse(l, out var mapping)
                    ? mapping with
                    {
                        Group = normalize?.Invoke(mapping.Group) ?? mapping.Group,
                    }
                    : throw Wrong(
                        name,
                        $"must be 'GROUP -> admin' or 'GROUP -> PROJECT:ROLE' with the role viewer, developer or project_manager, not '{l}'"
                    )
            ),
        ]);
    }

    /// <summary>Records an error for <see cref="ThrowOnProblems"/>, so that all errors are reported at once.</summary>
    /// <returns><paramref name="defaultValue"/>, so that reading can continue.</returns>
    public T Report<T>(string name, string problem, T defaultValue)
    {
        var message = Wrong(name, problem).Message;
        if (!problems.Contains(message, StringComparer.Ordinal))
        {
            problems.Add(message);
        }

        return defaultValue;
    }

    /// <summary>Reads a section and records its error, so that the other sections are still read.</summary>
    /// <param name="section">The prefix of the section's settings. If the section fails, its settings are not reported as unknown.</param>
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

    /// <summary>Creates an error that names the setting as the operator wrote it.</summary>
    public SettingsException Wrong(string name, string problem) =>
        new(values.TryGetValue(Key(Prefix + name), out var setting) ? setting.Source : name, problem);

    /// <exception cref="SettingsException">Settings are invalid or unknown; the message has one line per setting.</exception>
    public void ThrowOnProblems()
    {
        var unknown = unused
            .Where(u => !failed.Exists(f => u.StartsWith(f, StringComparison.Ordinal)))
            .Select(u => values[u].Source)
            .Order(StringComparer.Ordinal);
        List<string> all = [.. problems, .. unknown.Select(u => new SettingsException(u, "is not a known setting").Message)];
        if (all.Count > 0)
        {
            throw new SettingsException(all);
        }
    }

    /// <summary>Marks a setting as secret, so that its value is not shown.</summary>
    public void Hide(string name) => read[name] = read[name] with { IsSecret = true, Value = null };

    private string? Text(string name, string defaultValue)
    {
        var value = Text(name);
        read[name] = read[name] with { Default = defaultValue, Value = value ?? defaultValue };
        return value;
    }

    private SettingSource SourceOf(string source) =>
        arguments.Contains(source) ? SettingSource.CommandLine
        : source.StartsWith(Prefix, StringComparison.Ordinal) ? SettingSource.Environment
        : SettingSource.File;

    private void Record(string name, string? value, string? variable, SettingSource source)
    {
        var known = read.GetValueOrDefault(name);
        var isSecret = known?.IsSecret ?? false;
        read[name] = new ReadSetting(name, isSecret ? null : value ?? known?.Default, isSecret, source, variable, known?.Default);
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
