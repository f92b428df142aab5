using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Access;

/// <summary>
/// Retry and cancel of every registered job kind, by every kind of caller, compared with the permission matrix. A job kind
/// that is missing in the list fails the test, and so does a listed one that does not exist.
/// </summary>
public sealed class JobPermissionTests
{
    private const string Unknown = "test.unknown";

    private static readonly Dictionary<string, (Permission Retry, Permission Cancel)> Kinds = new(StringComparer.Ordinal)
    {
        ["resource.provision"] = (Permission.ContainerCreate, Permission.ContainerCreate),
        ["resource.start"] = (Permission.ContainerOperate, Permission.ContainerOperate),
        ["resource.stop"] = (Permission.ContainerOperate, Permission.ContainerOperate),
        ["resource.restart"] = (Permission.ContainerOperate, Permission.ContainerOperate),
        ["resource.resize"] = (Permission.ContainerCreate, Permission.ContainerCreate),
        ["resource.rebuild"] = (Permission.ContainerCreate, Permission.ContainerCreate),
        ["resource.rename"] = (Permission.ContainerCreate, Permission.ContainerCreate),
        ["resource.exec"] = (Permission.ContainerExec, Permission.ContainerExec),
        ["resource.snapshot"] = (Permission.ContainerOperate, Permission.ContainerOperate),
        ["resource.restore"] = (Permission.ContainerCreate, Permission.ContainerCreate),
        ["resource.delete_snapshot"] = (Permission.ContainerDelete, Permission.ContainerDelete),
        ["resource.keys"] = (Permission.ContainerOperate, Permission.JobManage),
        ["resource.deprovision"] = (Permission.ContainerDelete, Permission.ContainerDelete),
        ["database.provision"] = (Permission.DatabaseCreate, Permission.DatabaseCreate),
        ["database.deprovision"] = (Permission.DatabaseDelete, Permission.DatabaseDelete),
        ["database.undelete"] = (Permission.DatabaseDelete, Permission.DatabaseDelete),
        ["database.purge"] = (Permission.DatabaseForget, Permission.DatabaseForget),
        ["database.freeze"] = (Permission.DatabaseOperate, Permission.DatabaseOperate),
        ["database.unfreeze"] = (Permission.DatabaseOperate, Permission.DatabaseOperate),
        ["database.restart"] = (Permission.DatabaseOperate, Permission.DatabaseOperate),
        ["database.backup"] = (Permission.DatabaseOperate, Permission.DatabaseOperate),
        ["database.repair"] = (Permission.DatabaseOperate, Permission.DatabaseOperate),
        ["database.adopt"] = (Permission.DatabaseCreate, Permission.DatabaseCreate),
        ["database.drill"] = (Permission.DatabaseOperate, Permission.DatabaseOperate),
        ["database.resize"] = (Permission.DatabaseCreate, Permission.DatabaseCreate),
        ["database.restore_in_place"] = (Permission.DatabaseCreate, Permission.DatabaseCreate),
        ["database.rotate"] = (Permission.DatabaseCredentials, Permission.DatabaseCredentials),
        ["database.save_user"] = (Permission.DatabaseUserManage, Permission.DatabaseUserManage),
        ["database.drop_user"] = (Permission.DatabaseUserManage, Permission.DatabaseUserManage),
        ["probe.provision"] = (Permission.ContainerCreate, Permission.ContainerCreate),
        ["probe.calibrate"] = (Permission.ContainerOperate, Permission.ContainerOperate),
        ["probe.deprovision"] = (Permission.ContainerDelete, Permission.ContainerDelete),
        ["project.delete"] = (Permission.ProjectDelete, Permission.ProjectDelete),
        ["command.run"] = (Permission.CommandRun, Permission.CommandRun),
        ["orphan.remove"] = (Permission.OrphanManage, Permission.OrphanManage),
        ["tier.rollout"] = (Permission.TierManage, Permission.TierManage),
        ["directory.sync"] = (Permission.UserManage, Permission.UserManage),
        ["directory.add_user"] = (Permission.UserManage, Permission.UserManage),
        [Unknown] = (Permission.JobManage, Permission.JobManage),
    };

    private static readonly (string Name, string? Role, string Scope)[] Members =
    [
        ("stranger", null, "manage"),
        ("viewer", "viewer", "manage"),
        ("developer", "developer", "manage"),
        ("project_manager", "project_manager", "manage"),
        ("developer, operate scope", "developer", "operate"),
        ("project_manager, operate scope", "project_manager", "operate"),
        ("project_manager, read scope", "project_manager", "read"),
    ];

    private readonly Dictionary<string, (WombatClient Client, string? Role, TokenScope Scope, bool IsAdmin)> callers = new(
        StringComparer.Ordinal
    );
    private TestServer server = null!;
    private string project = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        // Without a worker, so that no retried job runs.
        server = await TestServer.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLES"] = "api" });
        var admin = server.Client;
        project = await admin.CreateProjectAsync();
        foreach (var (name, role, scope) in Members)
        {
            var user = (await admin.CreateMemberAsync(role is null ? null : project, role)).User;
            callers[name] = (
                admin.With((await admin.CreateTokenAsync(user, scope)).Secret),
                role,
                Enum.Parse<TokenScope>(scope, ignoreCase: true),
                IsAdmin: false
            );
        }

        foreach (var scope in new[] { "manage", "operate", "read" })
        {
            var secret = (string)
                (await admin.PostAsync($"/api/v1/projects/{project}/tokens", $$"""{"name":"{{scope}}","scopes":["{{scope}}"]}""")).Body![
                    "token"
                ]!;
            var role = scope switch
            {
                "manage" => "project_manager",
                "operate" => "developer",
                _ => "viewer",
            };
            callers[$"service account, {scope} scope"] = (
                admin.With(secret),
                role,
                Enum.Parse<TokenScope>(scope, ignoreCase: true),
                IsAdmin: false
            );
            var user = await admin.CreateUserAsync(more: ""","platform_role":"admin" """);
            callers[$"admin, {scope} scope"] = (
                admin.With((await admin.CreateTokenAsync(user, scope)).Secret),
                "project_manager",
                Enum.Parse<TokenScope>(scope, ignoreCase: true),
                IsAdmin: true
            );
        }

        callers["nobody"] = (admin.With(token: null), null, TokenScope.Read, IsAdmin: false);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        foreach (var (client, _, _, _) in callers.Values)
        {
            client.Dispose();
        }

        await server.DisposeAsync();
    }

    [Test]
    public void Expectations_ForEveryJobKind_Exist() =>
        Assert.That(
            Kinds.Keys.Except([Unknown]),
            Is.EquivalentTo(server.Services.GetRequiredService<JobKinds>().All.Select(k => k.Name)),
            "every job kind has an expectation in this list"
        );

    [TestCaseSource(nameof(All))]
    public async Task RetryAndCancel_ForEveryCaller_FollowThePermissionMatrix(string kind, string action)
    {
        var needed = action == "retry" ? Kinds[kind].Retry : Kinds[kind].Cancel;
        var isOfProject = PermissionMatrix.Of(needed).IsOfProject || kind is Unknown or "resource.keys";
        foreach (var (name, caller) in callers)
        {
            var job = await AddAsync(kind, isOfProject, waiting: action == "cancel");
            var shown = await caller.Client.GetAsync($"/api/v1/jobs/{job}");
            var answer = await caller.Client.PostAsync($"/api/v1/jobs/{job}/{action}");
            var expected = Expected(caller, needed, isOfProject, name == "nobody");
            Assert.That(Verdict(answer), Is.EqualTo(expected), $"{name}: {action} {kind}: {answer}");
            if (shown.Status == HttpStatusCode.OK)
            {
                Assert.That(
                    shown.Body!["actions"]!.AsArray().Select(a => (string)a!).Contains(action),
                    Is.EqualTo(expected == "passed"),
                    $"{name}: actions of {kind}: {shown}"
                );
            }
        }
    }

    private static IEnumerable<TestCaseData> All() =>
        Kinds.Keys.SelectMany(k => new[] { "retry", "cancel" }.Select(a => new TestCaseData(k, a).SetArgDisplayNames(k, a)));

    private static string Verdict(Answer answer) =>
        answer.Status switch
        {
            HttpStatusCode.Unauthorized => "401",
            HttpStatusCode.Forbidden => "403",
            HttpStatusCode.NotFound when answer.Code == "job_not_found" => "404",
            >= HttpStatusCode.InternalServerError => "5xx",
            _ => "passed",
        };

    private static string Expected(
        (WombatClient Client, string? Role, TokenScope Scope, bool IsAdmin) caller,
        Permission needed,
        bool isOfProject,
        bool isNobody
    )
    {
        var rule = PermissionMatrix.Of(needed);
        var least = rule.Audience switch
        {
            Audience.Developer => 1,
            Audience.ProjectManager => 2,
            _ => 3,
        };
        var has = caller.IsAdmin
            ? 3
            : caller.Role switch
            {
                "developer" => 1,
                "project_manager" => 2,
                _ => 0,
            };
        return isNobody ? "401"
            : !caller.IsAdmin && (caller.Role is null || !isOfProject) ? "404"
            : caller.Scope < rule.Scope || has < least ? "403"
            : "passed";
    }

    private async Task<Guid> AddAsync(string kind, bool isOfProject, bool waiting)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var job = Job.Create(
            kind,
            new Actor("test"),
            TimeProvider.System.GetUtcNow(),
            isOfProject ? new JobTarget(Guid.Parse(project)) : null,
            delay: TimeSpan.FromHours(1)
        );
        if (!waiting)
        {
            job.Cancel("test", TimeProvider.System.GetUtcNow());
        }

        db.Jobs.Add(job);
        await db.SaveChangesAsync();
        return job.Id;
    }
}
