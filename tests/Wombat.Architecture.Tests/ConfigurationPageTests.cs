using System.Text.RegularExpressions;
using Wombat.TestSupport;

namespace Wombat.Architecture.Tests;

/// <summary>docs/configuration.md lists every setting that the code reads.</summary>
public sealed partial class ConfigurationPageTests
{
    private static readonly string Root = WombatProcess.RepositoryRoot();
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Test]
    public void Page_ComparedWithTheCode_ListsEverySetting()
    {
        var settings = Directory
            .EnumerateFiles(Path.Combine(Root, "Wombat.Infrastructure"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => ReadRegex().Matches(File.ReadAllText(f)))
            .Select(m => m.Groups["name"].Value)
            .ToHashSet(StringComparer.Ordinal);
        Assert.That(settings, Has.Count.GreaterThan(60));
        var page = File.ReadAllText(Path.Combine(Root, "docs", "configuration.md"));
        Assert.That(settings.Where(s => !IsListed(page, s)), Is.Empty);
    }

    // By its name, or after settings of the same section by the end of the name, such as ".client_id".
    private static bool IsListed(string page, string name)
    {
        var words = name.Split('.');
        return page.Contains($"`{name}`", StringComparison.Ordinal)
            || Enumerable
                .Range(0, words.Length)
                .Any(n =>
                    Regex.IsMatch(page, $@"`(?:plugins\.\w+)?\.{Regex.Escape(string.Join('.', words[n..]))}`", RegexOptions.None, Limit)
                );
    }

    [GeneratedRegex(
        """\b(?:reader|section)\.(?:Text|Number|Seconds|Flag|List|Secret|Mappings|Retention)\(\s*"(?<name>[a-z_.]+)""",
        RegexOptions.ExplicitCapture,
        5000
    )]
    private static partial Regex ReadRegex();
}
