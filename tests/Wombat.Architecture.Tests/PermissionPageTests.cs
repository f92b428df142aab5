using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Access;
using Wombat.TestSupport;

namespace Wombat.Architecture.Tests;

/// <summary>docs/permissions.md matches the permission matrix. With WOMBAT_TEST_WRITE=1 the test writes the page.</summary>
public sealed class PermissionPageTests
{
    private static readonly (string Name, Audience Least)[] Columns =
    [
        ("viewer", Audience.Viewer),
        ("developer", Audience.Developer),
        ("project_manager", Audience.ProjectManager),
        ("admin", Audience.Admin),
    ];

    [Test]
    public void Page_ComparedWithTheMatrix_IsCurrent()
    {
        var file = Path.Combine(WombatProcess.RepositoryRoot(), "docs", "permissions.md");
        if (Environment.GetEnvironmentVariable("WOMBAT_TEST_WRITE") == "1")
        {
            File.WriteAllText(file, Page());
        }

        Assert.That(
            File.ReadAllText(file),
            Is.EqualTo(Page()),
            "write it anew: WOMBAT_TEST_WRITE=1 dotnet test tests/Wombat.Architecture.Tests"
        );
    }

    private static string Page()
    {
        var page = new StringBuilder(
            """
            # Permissions

            Made from `Wombat.Domain/Users/PermissionMatrix.cs`, the one place that says who may do what; a test compares.

            A user has a role in a project: viewer, developer, project_manager. Each may do what those before it may. Admin is a
            role on the whole platform and may do everything everywhere. A token has a scope (read, operate, manage; each includes
            those before it) and does what both its user and its scope allow; a project's own token acts in that project alone, as
            viewer, developer or project_manager by its scope.

            Whoever lacks a permission in a project that they can see gets 403 with its name. A project that they cannot see looks
            absent: 404. A private project is seen by its members, an internal one by every signed-in user, a public one by anyone
            where the platform lets people read without signing in; whoever sees a project may do there what a viewer may that needs
            the scope read.

            | permission | what | viewer | developer | project_manager | admin | anyone else | token scope |
            |---|---|---|---|---|---|---|---|

            """.ReplaceLineEndings("\n")
        );
        foreach (var rule in PermissionMatrix.All)
        {
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
            page.Append(
                $"| `{FieldNames.Snake(rule.Permission.ToString())}` | {rule.Meaning} | {string.Join(" | ", cells)} | {others} | "
                    + $"{rule.Scope.ToString().ToLowerInvariant()} |\n"
            );
        }

        page.Append(
            """

            ## Jobs

            Cancelling and retrying a job needs `job_operate` and the permission of what the job does, by the caller's rights at
            that moment. A retried job is the work of whoever retried it.

            | kind of job | retry needs | cancel needs |
            |---|---|---|

            """.ReplaceLineEndings("\n")
        );
        using var services = new ServiceCollection().AddApplication().BuildServiceProvider();
        foreach (var kind in services.GetRequiredService<JobKinds>().All.OrderBy(k => k.Name, StringComparer.Ordinal))
        {
            page.Append(
                $"| `{kind.Name}` | `{FieldNames.Snake(kind.Retry.ToString())}` | `{FieldNames.Snake(kind.Cancel.ToString())}` |\n"
            );
        }

        return page.ToString();
    }
}
