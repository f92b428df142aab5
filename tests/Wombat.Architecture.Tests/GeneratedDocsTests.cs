using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.TestSupport;

namespace Wombat.Architecture.Tests;

/// <summary>
/// The pages that are generated from catalogues in code are up to date. With WOMBAT_TEST_WRITE=1 (make docs) they are written.
/// </summary>
public sealed class GeneratedDocsTests
{
    private static readonly (string Name, Audience Least)[] Columns =
    [
        ("viewer", Audience.Viewer),
        ("developer", Audience.Developer),
        ("project_manager", Audience.ProjectManager),
        ("admin", Audience.Admin),
    ];

    [Test]
    public void Permissions_OfTheMatrix_AreOnTheirPage() => Check("permissions.md", "permissions", Permissions());

    [Test]
    public void JobKinds_OfTheHandlers_AreOnTheirPage() => Check("permissions.md", "job kinds", Kinds());

    [Test]
    public void Errors_OfTheCatalogue_AreOnTheirPage() => Check("errors.md", "errors", Errors());

    [Test]
    public void Events_OfTheCatalogue_AreOnTheirPage() => Check("events.md", "events", Events());

    private static string Permissions()
    {
        var table = new StringBuilder(
            "| permission | what | viewer | developer | project_manager | admin | anyone else | token scope "
                + "|\n|---|---|---|---|---|---|---|---|\n"
        );
        foreach (var permission in Enum.GetValues<Permission>())
        {
            var rule = PermissionMatrix.Of(permission);
            var cells = Columns.Select(c =>
                !rule.IsOfProject
                    ? (
                        rule.Audience is Audience.Admin && c.Least != Audience.Admin ? ""
                        : rule.Audience == Audience.Self && c.Least != Audience.Admin ? "own"
                        : "yes"
                    )
                : c.Least >= rule.Audience ? "yes"
                : ""
            );
            var others = rule.Audience switch
            {
                Audience.Anyone => "without signing in",
                Audience.Everyone => "any credential",
                Audience.SignedIn => "any user",
                Audience.Self => "own",
                Audience.Viewer when rule.Scope == TokenScope.Read => "by visibility",
                _ => "",
            };
            table.Append($"| `{Snake(permission)}` | {rule.Meaning} | {string.Join(" | ", cells)} | {others} | {Snake(rule.Scope)} |\n");
        }

        return table.ToString();
    }

    private static string Kinds()
    {
        var table = new StringBuilder("| kind of job | retry needs | cancel needs |\n|---|---|---|\n");
        using var services = new ServiceCollection().AddApplication().BuildServiceProvider();
        foreach (var kind in services.GetRequiredService<JobKinds>().All.OrderBy(k => k.Name, StringComparer.Ordinal))
        {
            table.Append($"| `{kind.Name}` | `{Snake(kind.Retry)}` | `{Snake(kind.Cancel)}` |\n");
        }

        return table.ToString();
    }

    private static string Errors()
    {
        var table = new StringBuilder("| code | status | meaning |\n|---|---|---|\n");
        foreach (var code in ErrorCode.All)
        {
            table.Append($"| `{code.Name}` | {code.Occurs} | {code.Meaning} |\n");
        }

        return table.ToString();
    }

    private static string Events()
    {
        var table = new StringBuilder("| action | meaning |\n|---|---|\n");
        var kinds = ResourceKinds.In([typeof(ResourceKinds).Assembly]).All;
        foreach (var action in EventAction.All.Concat(kinds.SelectMany(k => EventAction.OfKind(k.Name, k.Operations.Select(o => o.Name)))))
        {
            table.Append($"| `{action.Name}` | {action.Meaning} |\n");
        }

        return table.ToString();
    }

    // The generated part of a page stands between two comments.
    private static void Check(string page, string part, string content)
    {
        var file = Path.Combine(WombatProcess.RepositoryRoot(), "docs", page);
        var (begin, end) = ($"<!-- generated: {part} -->\n", $"<!-- end: {part} -->");
        var text = File.ReadAllText(file);
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(end, StringComparison.Ordinal);
        Assert.That((from >= begin.Length, to > from), Is.EqualTo((true, true)), $"docs/{page} has no part '{part}'");
        if (Environment.GetEnvironmentVariable("WOMBAT_TEST_WRITE") == "1")
        {
            File.WriteAllText(file, text[..from] + "\n" + content + "\n" + text[to..]);
            return;
        }

        Assert.That(text[from..to], Is.EqualTo("\n" + content + "\n"), "run: make docs");
    }

    private static string Snake(Enum value) => FieldNames.Snake(value.ToString());
}
