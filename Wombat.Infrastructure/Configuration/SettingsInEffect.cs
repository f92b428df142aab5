using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Wombat.Application.Settings;

namespace Wombat.Infrastructure.Configuration;

/// <summary>
/// What was read from a <see cref="SettingsReader"/>. Descriptions and those defaults that the reader does not know come from the table of
/// docs/configuration.md, which a test compares with the code.
/// </summary>
internal sealed partial class SettingsInEffect(IReadOnlyCollection<ReadSetting> read) : ISettingsInEffect
{
    private static readonly FrozenDictionary<string, (string? Default, string Description)> Page = ReadPage();

    public IReadOnlyList<SettingDto> All { get; } = [.. read.OrderBy(s => s.Name, StringComparer.Ordinal).Select(ToDto)];

    private static SettingDto ToDto(ReadSetting setting)
    {
        var (documented, description) = Find(setting.Name);
        return new SettingDto(
            setting.Name,
            setting.IsSecret || setting.Value is null ? null : UserInfoRegex().Replace(setting.Value, "//***@"),
            setting.IsSecret,
            setting.Source,
            setting.Source == SettingSource.Environment ? setting.Variable : null,
            setting.Default ?? documented,
            description
        );
    }

    private static (string? Default, string? Description) Find(string name)
    {
        var general =
            name.StartsWith("plugins.", StringComparison.Ordinal) && name.Split('.', 3) is [_, _, var own]
                ? $"plugins.INSTANCE.{own}"
                : name;
        return
            Page.TryGetValue(name, out var found)
            || Page.TryGetValue(general, out found)
            || name.EndsWith("_file", StringComparison.Ordinal) && Page.TryGetValue(name[..^"_file".Length], out found)
            ? found
            : default;
    }

    /// <summary>
    /// Each name of the table. A name such as <c>.client_id</c> belongs to the section of a name before it in its row: of the first one, or
    /// of the last one with a section of its own.
    /// </summary>
    private static FrozenDictionary<string, (string? Default, string Description)> ReadPage()
    {
        using var stream = typeof(SettingsInEffect).Assembly.GetManifestResourceStream("configuration.md")!;
        using var reader = new StreamReader(stream);
        var found = new Dictionary<string, (string?, string)>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("| `", StringComparison.Ordinal) || line.Split('|') is not [_, var names, var standard, var meaning, ..])
            {
                continue;
            }

            var words = NameRegex().Matches(names).Select(m => m.Groups["name"].Value).ToList();
            var defaults = standard.Split(',', StringSplitOptions.TrimEntries);
            var section = words[0];
            for (var i = 0; i < words.Count; i++)
            {
                var own =
                    words.Count == 1 ? standard.Trim()
                    : defaults.Length == words.Count ? defaults[i]
                    : null;
                var entry = (own is null ? null : Plain(own), Plain(meaning));
                section = words[i].StartsWith('.') && words[i].LastIndexOf('.') == 0 ? section : FullName(words[0], words[i]);
                found.TryAdd(FullName(section, words[i]), entry);
                found.TryAdd(FullName(words[0], words[i]), entry);
            }
        }

        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string FullName(string first, string name) =>
        !name.StartsWith('.') ? name
        : name.LastIndexOf('.') == 0 ? first[..first.LastIndexOf('.')] + name
        : first[..first.IndexOf('.', StringComparison.Ordinal)] + name;

    // The text of links and of code.
    private static string Plain(string markdown) =>
        LinkRegex().Replace(markdown, "${text}").Replace("`", "", StringComparison.Ordinal).Trim();

    [GeneratedRegex("`(?<name>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NameRegex();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LinkRegex();

    [GeneratedRegex("//[^/@ ]*@", RegexOptions.None, 1000)]
    private static partial Regex UserInfoRegex();
}
