using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;
using Wombat.Domain.Databases;
using Wombat.Domain.Jobs;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Access;

/// <summary>
/// Every operation of the OpenAPI document, called by every kind of caller, compared with the permission matrix. An
/// operation that is missing in the list fails the test, and so does a listed one that does not exist.
/// </summary>
public sealed class EndpointPermissionTests
{
    private static readonly Dictionary<string, Expectation> Operations = new(StringComparer.Ordinal)
    {
        ["CreateProject"] = new(Permission.ProjectCreate, """{"name":"x"}"""),
        ["ListProjects"] = new(Permission.ProjectRead, OverAll: true),
        ["GetProject"] = new(Permission.ProjectRead),
        ["UpdateProject"] = new(Permission.ProjectUpdate, """{"name":"x"}"""),
        ["PatchProject"] = new(Permission.ProjectUpdate, """{"name":"x"}"""),
        ["DeleteProject"] = new(Permission.ProjectDelete),
        ["ListMembers"] = new(Permission.MemberRead),
        ["AddMember"] = new(Permission.MemberManage, "{}"),
        ["ChangeMember"] = new(Permission.MemberManage, "{}"),
        ["RemoveMember"] = new(Permission.MemberManage),
        ["CreateProjectToken"] = new(Permission.ProjectTokenManage, "{}"),
        ["ListProjectTokens"] = new(Permission.ProjectTokenManage),
        ["RevokeProjectToken"] = new(Permission.ProjectTokenManage),
        ["ListContainers"] = new(Permission.ContainerRead, OverAll: true),
        ["ListProjectContainers"] = new(Permission.ContainerRead),
        ["GetContainer"] = new(Permission.ContainerRead),
        ["CreateContainer"] = new(Permission.ContainerCreate, "{}"),
        ["PlanContainer"] = new(Permission.ContainerCreate, "{}"),
        ["PatchContainer"] = new(Permission.ContainerCreate, "{}"),
        ["ChangeContainerPorts"] = new(Permission.ContainerCreate, """{"ports":[]}"""),
        ["ListContainerEvents"] = new(Permission.EventRead),
        ["ListContainerKeys"] = new(Permission.ContainerKeyRead),
        ["DeleteContainer"] = new(Permission.ContainerDelete),
        ["ForgetContainer"] = new(Permission.ContainerForget, "{}"),
        ["StartContainer"] = new(Permission.ContainerOperate),
        ["StopContainer"] = new(Permission.ContainerOperate),
        ["RestartContainer"] = new(Permission.ContainerOperate),
        ["OpenConsole"] = new(Permission.ContainerConsole),
        ["ResizeContainer"] = new(Permission.ContainerCreate, "{}"),
        ["RebuildContainer"] = new(Permission.ContainerCreate),
        ["RenameContainer"] = new(Permission.ContainerCreate, "{}"),
        ["CloneContainer"] = new(Permission.ContainerCreate, "{}"),
        ["ExecInContainer"] = new(Permission.ContainerExec, "{}"),
        ["CreateSnapshot"] = new(Permission.ContainerOperate, "{}"),
        ["ListSnapshots"] = new(Permission.ContainerRead),
        ["ListContainerMetrics"] = new(Permission.ContainerRead),
        ["RestoreSnapshot"] = new(Permission.ContainerCreate),
        ["DeleteSnapshot"] = new(Permission.ContainerDelete),
        ["CreateDatabase"] = new(Permission.DatabaseCreate, "{}"),
        ["CreateProjectDatabase"] = new(Permission.DatabaseCreate, """{"project_id":"PROJECT"}"""),
        ["PlanDatabase"] = new(Permission.DatabaseCreate, "{}"),
        ["PlanDatabaseChange"] = new(Permission.DatabaseCreate, """{"change":"delete"}"""),
        ["ListProjectDatabases"] = new(Permission.DatabaseRead),
        ["ListDatabases"] = new(Permission.DatabaseRead, OverAll: true),
        ["GetDatabase"] = new(Permission.DatabaseRead),
        ["PatchDatabase"] = new(Permission.DatabaseCreate, "{}"),
        ["DeleteDatabase"] = new(Permission.DatabaseDelete),
        ["ForgetDatabase"] = new(Permission.DatabaseForget, "{}"),
        ["UndeleteDatabase"] = new(Permission.DatabaseDelete),
        ["FreezeDatabase"] = new(Permission.DatabaseOperate, "{}"),
        ["UnfreezeDatabase"] = new(Permission.DatabaseOperate),
        ["RestartDatabase"] = new(Permission.DatabaseOperate),
        ["ResizeDatabase"] = new(Permission.DatabaseCreate, "{}"),
        ["RepairDatabase"] = new(Permission.DatabaseOperate),
        ["AdoptDatabase"] = new(Permission.DatabaseCreate, """{"fields":[]}"""),
        ["DrillDatabase"] = new(Permission.DatabaseOperate),
        ["RestoreDatabase"] = new(Permission.DatabaseCreate, "{}"),
        ["RestoreDatabaseInPlace"] = new(Permission.DatabaseCreate, "{}"),
        ["ListBackups"] = new(Permission.DatabaseRead),
        ["BackUpDatabase"] = new(Permission.DatabaseOperate),
        ["ListDatabaseEvents"] = new(Permission.EventRead),
        ["ListExtensions"] = new(Permission.DatabaseRead),
        ["RevealCredentials"] = new(Permission.DatabaseCredentials, "{}"),
        ["RotateCredentials"] = new(Permission.DatabaseCredentials, "{}"),
        ["GetConnection"] = new(Permission.DatabaseRead),
        ["ListDatabaseUsers"] = new(Permission.DatabaseRead),
        ["SaveDatabaseUser"] = new(Permission.DatabaseUserManage, "{}"),
        ["DropDatabaseUser"] = new(Permission.DatabaseUserManage),
        ["ListOrphans"] = new(Permission.OrphanRead),
        ["AdoptOrphan"] = new(Permission.OrphanManage, "{}"),
        ["RemoveOrphan"] = new(Permission.OrphanManage, "{}"),
        ["ListTiers"] = new(Permission.TierRead),
        ["GetTier"] = new(Permission.TierRead),
        ["SaveTier"] = new(Permission.TierManage, """{"instances":0}"""),
        ["ListTierDatabases"] = new(Permission.TierManage),
        ["RollOutTier"] = new(Permission.TierManage, "{}"),
        ["DeleteTier"] = new(Permission.TierManage),
        ["GetBudget"] = new(Permission.BudgetRead),
        ["SetBudget"] = new(Permission.BudgetManage, """{"cpu":-1}"""),
        ["ListWorkspaces"] = new(Permission.WorkspaceRead, OverAll: true),
        ["CreateWorkspace"] = new(Permission.WorkspaceManage, "{}"),
        ["GetWorkspace"] = new(Permission.WorkspaceRead),
        ["ListTargets"] = new(Permission.WorkspaceRead),
        ["DeleteWorkspace"] = new(Permission.WorkspaceManage),
        ["ListHosts"] = new(Permission.HostRead, OverAll: true),
        ["CreateHost"] = new(Permission.HostManage, "{}"),
        ["PlanHostImport"] = new(Permission.HostManage, """{"document":"x"}"""),
        ["ImportHosts"] = new(Permission.HostManage, """{"document":"x"}"""),
        ["ExportHosts"] = new(Permission.HostRead, OverAll: true),
        ["GetHost"] = new(Permission.HostRead),
        ["UpdateHost"] = new(Permission.HostManage, """{"name":"h","address":"127.0.0.1","user_name":"nobody"}"""),
        ["TestHost"] = new(Permission.HostManage),
        ["AcceptHostKeys"] = new(Permission.HostManage, """{"fingerprints":["SHA256:x"]}"""),
        ["ReplaceHostKey"] = new(Permission.HostManage, "{}"),
        ["DeleteHost"] = new(Permission.HostManage),
        ["ListCommands"] = new(Permission.CommandRead, OverAll: true),
        ["CreateCommand"] = new(Permission.CommandManage, """{"project_id":"PROJECT","kind":"make"}"""),
        ["GetCommand"] = new(Permission.CommandRead),
        ["UpdateCommand"] = new(Permission.CommandManage, """{"kind":"make"}"""),
        ["DeleteCommand"] = new(Permission.CommandManage),
        ["ExportCommands"] = new(Permission.HostRead, Query: "?project_id=PROJECT"),
        ["PlanCommandImport"] = new(Permission.CommandManage, """{"project_id":"PROJECT","document":"none"}"""),
        ["ImportCommands"] = new(Permission.CommandManage, """{"project_id":"PROJECT","document":"none"}"""),
        ["PlanRun"] = new(Permission.CommandRun, """{"parameters":{"none":"x"}}"""),
        ["StartRun"] = new(Permission.CommandRun, """{"parameters":{"none":"x"}}"""),
        ["ListRuns"] = new(Permission.CommandRead, OverAll: true),
        ["GetRun"] = new(Permission.CommandRead),
        ["ListCommandHosts"] = new(Permission.HostRead),
        ["ListRunHosts"] = new(Permission.CommandRead),
        ["ApproveRun"] = new(Permission.CommandRun),
        ["RejectRun"] = new(Permission.CommandRun, "{}"),
        ["RepeatRun"] = new(Permission.CommandRun),
        ["ListSchedules"] = new(Permission.CommandRead, OverAll: true),
        ["CreateSchedule"] = new(Permission.CommandManage, """{"command_id":"COMMAND","name":"s","cron":"never"}"""),
        ["PlanSchedule"] = new(Permission.CommandRead, """{"cron":"never"}""", OverAll: true),
        ["ListFires"] = new(Permission.CommandRead, OverAll: true),
        ["GetSchedule"] = new(Permission.CommandRead),
        ["UpdateSchedule"] = new(Permission.CommandManage, """{"name":"s","cron":"never"}"""),
        ["DeleteSchedule"] = new(Permission.CommandManage),
        ["ListJobs"] = new(Permission.JobRead, OverAll: true),
        ["GetJob"] = new(Permission.JobRead),
        ["GetJobLog"] = new(Permission.JobRead),
        ["SearchJobLog"] = new(Permission.JobRead),
        ["SearchRuns"] = new(Permission.JobRead, OverAll: true),
        ["CancelJob"] = new(Permission.JobOperate),
        ["RetryJob"] = new(Permission.JobOperate),
        ["ListEvents"] = new(Permission.EventRead, OverAll: true),
        ["FollowChanges"] = new(Permission.ChangeRead),
        ["VerifyAudit"] = new(Permission.AuditVerify),
        ["ListPlugins"] = new(Permission.PluginRead),
        ["ListTemplates"] = new(Permission.PluginRead),
        ["ListSizes"] = new(Permission.PluginRead),
        ["CreateUser"] = new(Permission.UserManage, "{}"),
        ["ListUsers"] = new(Permission.UserRead),
        ["GetOwnUser"] = new(Permission.IdentityRead),
        ["GetUser"] = new(Permission.UserRead),
        ["UpdateUser"] = new(Permission.UserManage, """{"login":"other"}"""),
        ["PatchUser"] = new(Permission.UserManage, """{"login":"other"}"""),
        ["ListSettings"] = new(Permission.SettingsRead),
        ["ListRoles"] = new(Permission.IdentityRead),
        ["ListRoleMappings"] = new(Permission.SettingsRead),
        ["SignIn"] = new(Permission.SignIn, "{}"),
        ["BeginProviderSignIn"] = new(Permission.SignIn),
        ["CompleteProviderSignIn"] = new(Permission.SignIn, Always: "401"),
        ["EndProviderSessions"] = new(Permission.SignIn),
        ["SyncDirectory"] = new(Permission.UserManage),
        ["LinkIdentity"] = new(Permission.UserManage, "{}"),
        ["ListIdentities"] = new(Permission.AccountRead),
        ["UnlinkIdentity"] = new(Permission.UserManage),
        ["GetSignInOptions"] = new(Permission.SignIn),
        ["GetIdentity"] = new(Permission.IdentityRead),
        ["SignOut"] = new(Permission.IdentityRead),
        ["ListSessions"] = new(Permission.AccountRead),
        ["EndSession"] = new(Permission.AccountManage),
        ["SetPassword"] = new(Permission.AccountManage, "{}"),
        ["AddSshKey"] = new(Permission.AccountManage, "{}"),
        ["ListSshKeys"] = new(Permission.UserRead),
        ["DeleteSshKey"] = new(Permission.AccountManage),
        ["CreateUserToken"] = new(Permission.AccountManage, "{}"),
        ["ListUserTokens"] = new(Permission.AccountRead),
        ["RevokeUserToken"] = new(Permission.AccountManage),
    };

    private static readonly string[] Callers =
    [
        "nobody",
        "stranger",
        "viewer",
        "developer",
        "project_manager",
        "admin",
        "expired token",
        "revoked token",
        "deactivated user",
        "token of another project",
        "read-scope token",
    ];

    private readonly Dictionary<string, WombatClient> clients = new(StringComparer.Ordinal);
    private TestServer server = null!;
    private string project = "";
    private string job = "";
    private string subject = "";
    private string database = "";
    private string command = "";
    private string workspace = "";
    private string host = "";
    private string schedule = "";

    /// <param name="OverAll">Lists what the caller may see in all projects.</param>
    /// <param name="Always">The answer to every caller, where the operation depends on something else than a credential.</param>
    private sealed record Expectation(
        Permission Permission,
        string? Body = null,
        bool OverAll = false,
        string? Always = null,
        string Query = ""
    );

    private static IEnumerable<TestCaseData> All() =>
        OpenApiDocument.Operations.Select(o => new TestCaseData(o.Id, o.Method.ToUpperInvariant(), o.Path).SetArgDisplayNames(o.Id));

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync();
        var admin = server.Client;
        project = await admin.CreateProjectAsync();
        subject = await admin.CreateUserAsync();
        foreach (var role in new[] { "viewer", "developer", "project_manager" })
        {
            clients[role] = (await admin.CreateMemberAsync(project, role)).Client;
        }

        clients["nobody"] = admin.With("");
        clients["nobody"].Http.DefaultRequestHeaders.Authorization = null;
        clients["stranger"] = (await admin.CreateMemberAsync()).Client;
        clients["admin"] = admin.With(
            (await admin.CreateTokenAsync(await admin.CreateUserAsync(more: ""","platform_role":"admin" """))).Secret
        );
        clients["expired token"] = await ManagerAsync(expiresIn: TimeSpan.FromMilliseconds(300));
        clients["revoked token"] = await RevokedAsync();
        clients["deactivated user"] = await DeactivatedAsync();
        var other = await admin.CreateProjectAsync();
        clients["token of another project"] = admin.With(
            (string)(await admin.PostAsync($"/api/v1/projects/{other}/tokens", """{"name":"ci","scopes":["manage"]}""")).Body!["token"]!
        );
        clients["read-scope token"] = await ManagerAsync(scope: "read");
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var row = Job.Create(
            "resource.restart",
            new Actor("test"),
            TimeProvider.System.GetUtcNow(),
            new JobTarget(Guid.Parse(project)),
            delay: TimeSpan.FromHours(1)
        );
        db.Jobs.Add(row);
        var resource = Database.Create(
            await db.Projects.SingleAsync(p => p.Id == Guid.Parse(project)),
            "local-postgres",
            "orders",
            new DatabaseSpec("dev"),
            TimeProvider.System.GetUtcNow()
        );
        db.Resources.Add(resource);
        database = resource.Id.ToString();
        var directory = Workspace.Create("w", row.ProjectId, "/", Guid.NewGuid(), "elsewhere", TimeProvider.System.GetUtcNow());
        db.Workspaces.Add(directory);
        workspace = directory.Id.ToString();
        var machine = SshHost.Create("h", row.ProjectId, "127.0.0.1", 1, "nobody", TimeProvider.System.GetUtcNow());
        db.SshHosts.Add(machine);
        host = machine.Id.ToString();
        var remote = new CommandSpec
        {
            Kind = CommandKind.Ssh,
            HostIds = [machine.Id],
            Arguments = ["true"],
        };
        db.Commands.Add(Command.Create("r", row.ProjectId, remote, TimeProvider.System.GetUtcNow()));
        var target = new CommandSpec
        {
            Kind = CommandKind.Make,
            Target = "all",
            WorkspaceId = directory.Id,
        };
        var allowed = Command.Create("c", row.ProjectId, target, TimeProvider.System.GetUtcNow());
        db.Commands.Add(allowed);
        command = allowed.Id.ToString();
        var timed = Schedule.Create(allowed, "s", "test", TimeProvider.System.GetUtcNow());
        timed.Save("s", new ScheduleSpec { Cron = "0 0 1 1 *" }, null, null, TimeProvider.System.GetUtcNow());
        db.Schedules.Add(timed);
        schedule = timed.Id.ToString();
        db.Runs.Add(Run.Create(row.Id, allowed, new RunInputs { Spec = target }, null, directory.HostId, directory.HostName));
        await db.SaveChangesAsync();
        job = row.Id.ToString();
        await Eventually.GetAsync(
            () => clients["expired token"].GetAsync("/api/v1/session"),
            a => a.Status == HttpStatusCode.Unauthorized,
            "the token has expired"
        );
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }

        await server.DisposeAsync();
    }

    [TestCaseSource(nameof(All))]
    public async Task Operation_ForEveryCaller_FollowsThePermissionMatrix(string operation, string method, string path)
    {
        Assert.That(Operations, Does.ContainKey(operation), "every operation has an expectation in this list");
        var expectation = Operations[operation];
        foreach (var caller in Callers)
        {
            // The answer to GET would not end.
            var asked = operation == "FollowChanges" ? "HEAD" : method;
            var answer = await AskAsync(clients[caller], asked, path + expectation.Query, expectation.Body);
            Assert.That(Verdict(answer), Is.EqualTo(Expected(caller, expectation)), $"{caller}: {method} {path}: {answer}");
        }
    }

    [Test]
    public void Expectations_ForEveryOperation_ExistExactlyOnce() =>
        Assert.That(Operations.Keys, Is.EquivalentTo(All().Select(c => (string)c.Arguments[0]!)));

    [Test]
    public void Permissions_ExceptMetricsAndJobKinds_AreEachRequiredByAnOperation() =>
        Assert.That(
            Enum.GetValues<Permission>().Except(Operations.Values.Select(o => o.Permission)),
            Is.EquivalentTo(
                new[] { Permission.MetricsRead, Permission.JobManage, Permission.ResourceProtect, Permission.CommandRunRestricted }
            )
        );

    private Task<Answer> AskAsync(WombatClient client, string method, string path, string? body)
    {
        var filled = path.Replace(
            "{id}",
            path.Contains("/projects/", StringComparison.Ordinal) ? project
                : path.Contains("/jobs/", StringComparison.Ordinal) || path.Contains("/runs/", StringComparison.Ordinal) ? job
                : path.Contains("/commands/", StringComparison.Ordinal) ? command
                : path.Contains("/schedules/", StringComparison.Ordinal) ? schedule
                : path.Contains("/workspaces/", StringComparison.Ordinal) ? workspace
                : path.Contains("/hosts/", StringComparison.Ordinal) ? host
                : path.Contains("/databases/", StringComparison.Ordinal) ? database
                : subject,
            StringComparison.Ordinal
        );
        foreach (var name in new[] { "{cid}", "{key_id}", "{token_id}", "{user_id}", "{session_id}" })
        {
            filled = filled.Replace(name, Guid.NewGuid().ToString(), StringComparison.Ordinal);
        }

        filled = filled.Replace("{name}", "nothing", StringComparison.Ordinal).Replace("PROJECT", project, StringComparison.Ordinal);

        // A stale version, so that a permitted delete gets 412 and deletes nothing.
        return client.SendAsync(
            new HttpMethod(method),
            filled,
            body?.Replace("PROJECT", project, StringComparison.Ordinal).Replace("COMMAND", command, StringComparison.Ordinal),
            ("If-Match", "\"999999\"")
        );
    }

    /// <summary>401, 403, 404 for what is hidden, or "passed" when authorization succeeded, whatever the result.</summary>
    private static string Verdict(Answer answer) =>
        (answer.Status, answer.Code) switch
        {
            (HttpStatusCode.Unauthorized, _) => "401",
            (HttpStatusCode.Forbidden, _) => "403",
            (
                HttpStatusCode.NotFound,
                "project_not_found"
                    or "job_not_found"
                    or "database_not_found"
                    or "command_not_found"
                    or "run_not_found"
                    or "workspace_not_found"
                    or "host_not_found"
                    or "schedule_not_found"
            ) => "404",
            (>= HttpStatusCode.InternalServerError, _) => "5xx",
            _ => "passed",
        };

    private static string Expected(string caller, Expectation expectation)
    {
        var rule = PermissionMatrix.Of(expectation.Permission);
        return expectation.Always
            ?? caller switch
            {
                _ when rule.Audience == Audience.Anyone => "passed",
                "nobody" or "expired token" or "revoked token" or "deactivated user" => "401",
                "admin" => "passed",
                _ when rule.IsOfProject && expectation.OverAll => "passed",
                "stranger" or "token of another project" when rule.IsOfProject => "404",
                "read-scope token" when rule.Scope > TokenScope.Read => "403",
                _ => rule.Audience switch
                {
                    Audience.Everyone => "passed",
                    Audience.SignedIn => caller == "token of another project" ? "403" : "passed",
                    Audience.Member or Audience.Viewer => "passed",
                    Audience.Developer => caller == "viewer" ? "403" : "passed",
                    Audience.ProjectManager => caller is "viewer" or "developer" ? "403" : "passed",
                    _ => "403",
                },
            };
    }

    private async Task<WombatClient> ManagerAsync(TimeSpan? expiresIn = null, string scope = "manage")
    {
        var user = (await server.Client.CreateMemberAsync(project, "project_manager")).User;
        var expiry = expiresIn is { } time ? $$""","expires_at":"{{TimeProvider.System.GetUtcNow() + time:O}}" """ : "";
        return server.Client.With((await server.Client.CreateTokenAsync(user, scope, expiry)).Secret);
    }

    private async Task<WombatClient> RevokedAsync()
    {
        var user = (await server.Client.CreateMemberAsync(project, "project_manager")).User;
        var (secret, id) = await server.Client.CreateTokenAsync(user);
        var client = server.Client.With(secret);
        Assert.That((await client.GetAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await server.Client.DeleteAsync($"/api/v1/users/{user}/tokens/{id}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        return client;
    }

    private async Task<WombatClient> DeactivatedAsync()
    {
        var (client, user) = await server.Client.CreateMemberAsync(project, "project_manager");
        Assert.That((await client.GetAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            (await server.Client.PatchAsync($"/api/v1/users/{user}", """{"active":false}""")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        return client;
    }
}
