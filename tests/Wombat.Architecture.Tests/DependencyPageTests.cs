using System.Text.Json;
using System.Xml.Linq;
using Wombat.TestSupport;

namespace Wombat.Architecture.Tests;

/// <summary>docs/dependencies.md lists every package with the version that is built with, and no other.</summary>
public sealed class DependencyPageTests
{
    private static readonly string Root = WombatProcess.RepositoryRoot();

    [Test]
    public void Page_ComparedWithTheProjects_IsComplete()
    {
        var used = NuGet().Concat(Tools()).Concat(Npm()).ToArray();
        Assert.That(used, Has.Length.GreaterThan(20));
        Assert.That(Listed(), Is.EquivalentTo(used));
    }

    private static IEnumerable<string> NuGet() =>
        XDocument
            .Load(Path.Combine(Root, "Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Select(p => $"{p.Attribute("Include")!.Value} {p.Attribute("Version")!.Value}");

    private static IEnumerable<string> Tools()
    {
        using var tools = Read(".config/dotnet-tools.json");
        return [.. tools.RootElement.GetProperty("tools").EnumerateObject().Select(t => $"{t.Name} {t.Value.GetProperty("version")}")];
    }

    private static IEnumerable<string> Npm()
    {
        string[] folders = ["bench", "web", "tools/postgres", "tests/oidc-provider", "tests/openapi-lint"];
        return folders.SelectMany(folder =>
        {
            using var package = Read($"{folder}/package.json");
            string[] kinds = ["dependencies", "devDependencies"];
            return kinds
                .SelectMany(kind => package.RootElement.TryGetProperty(kind, out var found) ? found.EnumerateObject().ToArray() : [])
                .Select(p => $"{p.Name} {p.Value}")
                .ToArray();
        });
    }

    // The first two columns of the rows, without "(npm)" and "(tool)".
    private static IEnumerable<string> Listed() =>
        File.ReadLines(Path.Combine(Root, "docs", "dependencies.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| package", StringComparison.Ordinal))
            .Select(line => line.Split('|'))
            .Select(cells => $"{cells[1].Trim().Split(' ')[0]} {cells[2].Trim()}");

    private static JsonDocument Read(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, file)));
}
