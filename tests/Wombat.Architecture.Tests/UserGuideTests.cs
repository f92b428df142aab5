using System.Text.Json;
using System.Text.RegularExpressions;
using Wombat.TestSupport;

namespace Wombat.Architecture.Tests;

/// <summary>docs/user-guide.md names a screen for each operation of the API, or says why there is none.</summary>
public sealed partial class UserGuideTests
{
    private static readonly string Root = WombatProcess.RepositoryRoot();

    [Test]
    public void Table_OfScreens_NamesEachOperationOfTheApi()
    {
        var named = File.ReadLines(Path.Combine(Root, "docs", "user-guide.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .SelectMany(line => OperationForm().Matches(line.Split('|')[3]).Select(m => m.Value))
            .Distinct(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "openapi", "v1.json")));
        var operations = document
            .RootElement.GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .Where(member => member.Value.ValueKind == JsonValueKind.Object && member.Value.TryGetProperty("operationId", out _))
            .Select(member => member.Value.GetProperty("operationId").GetString()!);
        Assert.That(named, Is.EquivalentTo(operations));
    }

    [GeneratedRegex("(?<=`)[A-Za-z]+(?=`)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OperationForm();
}
