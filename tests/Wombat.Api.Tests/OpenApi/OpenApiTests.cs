using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Persistence;
using Wombat.Domain.Databases;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.OpenApi;

/// <summary>Headers and fields that the OpenAPI document promises, checked on every operation that has them.</summary>
public sealed class OpenApiTests
{
    // Responses with secrets are not stored; a sign-in, a logout notice, a plan, a test and a decision create nothing that a repetition
    // would duplicate.
    private static readonly string[] NotRepeatable =
    [
        "CreateUserToken",
        "CreateProjectToken",
        "SignIn",
        "EndProviderSessions",
        "PlanContainer",
        "PlanDatabase",
        "PlanDatabaseChange",
        "PlanRun",
        "PlanCommandImport",
        "PlanSchedule",
        "PlanHostImport",
        "ImportHosts",
        "TestHost",
        "AcceptHostKeys",
        "ReplaceHostKey",
        "ApproveRun",
        "RejectRun",
        "RevealCredentials",
    ];

    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr";

    // Two different bodies for each operation that has a body.
    private static readonly Dictionary<string, (string? Body, string? Other)> AcceptsIdempotencyKey = new(StringComparer.Ordinal)
    {
        ["CreateProject"] = ("""{"name":"Once","unix_name":"once"}""", """{"name":"Once","unix_name":"twice"}"""),
        ["AddMember"] = ("""{"user_id":"USER","role":"viewer"}""", """{"user_id":"USER","role":"developer"}"""),
        ["CreateContainer"] = ("""{"template":"a","name":"once"}""", """{"template":"a","name":"twice"}"""),
        ["ForgetContainer"] = ("""{"name":"given-up"}""", """{"name":"another"}"""),
        ["StartContainer"] = (null, null),
        ["StopContainer"] = (null, null),
        ["RestartContainer"] = (null, null),
        ["ResizeContainer"] = ("""{"cpu":1}""", """{"cpu":2}"""),
        ["RebuildContainer"] = (null, null),
        ["RenameContainer"] = ("""{"name":"renamed"}""", """{"name":"renamed-again"}"""),
        ["CloneContainer"] = ("""{"name":"cloned"}""", """{"name":"cloned-again"}"""),
        ["ExecInContainer"] = ("""{"command":["once"]}""", """{"command":["twice"]}"""),
        ["CreateSnapshot"] = ("""{"name":"once"}""", """{"name":"twice"}"""),
        ["RestoreSnapshot"] = (null, null),
        ["CreateDatabase"] = ("""{"name":"once","tier":"dev"}""", """{"name":"twice","tier":"dev"}"""),
        ["CreateProjectDatabase"] = (
            """{"project_id":"PROJECT","name":"flat-once","tier":"dev"}""",
            """{"project_id":"PROJECT","name":"flat-twice","tier":"dev"}"""
        ),
        ["ForgetDatabase"] = ("""{"name":"forgetdatabase"}""", """{"name":"another"}"""),
        ["UndeleteDatabase"] = (null, null),
        ["FreezeDatabase"] = ("""{"reason":"once"}""", """{"reason":"twice"}"""),
        ["UnfreezeDatabase"] = (null, null),
        ["RestartDatabase"] = (null, null),
        ["ResizeDatabase"] = ("""{"tier":"dev"}""", """{"tier":"standard"}"""),
        ["RestoreDatabase"] = ("""{"name":"restored-once"}""", """{"name":"restored-twice"}"""),
        ["RestoreDatabaseInPlace"] = ("""{"backup_id":"once"}""", """{"backup_id":"twice"}"""),
        ["BackUpDatabase"] = (null, null),
        ["RepairDatabase"] = (null, null),
        ["AdoptDatabase"] = ("{}", """{"fields":["port"]}"""),
        ["DrillDatabase"] = (null, null),
        ["RotateCredentials"] = ("""{"end_sessions":true}""", "{}"),
        ["SaveDatabaseUser"] = ("""{"name":"once","role":"read_only"}""", """{"name":"twice","role":"read_only"}"""),
        ["AdoptOrphan"] = ("""{"project_id":"PROJECT","name":"adopted-once"}""", """{"project_id":"PROJECT","name":"adopted-twice"}"""),
        ["RemoveOrphan"] = ("""{"name":"removeorphan"}""", """{"name":"another"}"""),
        ["RollOutTier"] = ("""{"parallel":1}""", """{"parallel":2}"""),
        ["CreateWorkspace"] = ("""{"name":"once","path":"/tmp"}""", """{"name":"twice","path":"/tmp"}"""),
        ["CreateHost"] = (
            """{"name":"once","address":"127.0.0.1","user_name":"nobody"}""",
            """{"name":"twice","address":"127.0.0.1","user_name":"nobody"}"""
        ),
        ["CreateCommand"] = (
            """{"name":"once","kind":"local","arguments":["true"]}""",
            """{"name":"twice","kind":"local","arguments":["true"]}"""
        ),
        ["ImportCommands"] = ("""{"document":"{version: 1, commands: []}"}""", """{"document":"{commands: [], version: 1}"}"""),
        ["CreateSchedule"] = (
            """{"command_id":"COMMAND","name":"once","cron":"0 0 1 1 *"}""",
            """{"command_id":"COMMAND","name":"twice","cron":"0 0 1 1 *"}"""
        ),
        ["StartRun"] = ("""{"parameters":{"A":"once"}}""", """{"parameters":{"A":"twice"}}"""),
        ["RepeatRun"] = (null, null),
        ["CancelJob"] = (null, null),
        ["RetryJob"] = (null, null),
        ["CreateUser"] = ("""{"login":"once","password":"eleven pale moths"}""", """{"login":"twice"}"""),
        ["SyncDirectory"] = (null, null),
        ["AddSshKey"] = ($$"""{"public_key":"{{Key}}"}""", $$"""{"name":"other","public_key":"{{Key}}"}"""),
        ["LinkIdentity"] = (
            """{"issuer":"https://i.example.org","subject":"once"}""",
            """{"issuer":"https://i.example.org","subject":"twice"}"""
        ),
    };

    private TestFolder folder = null!;
    private TestServer server = null!;
    private string project = "";
    private string user = "";
    private string container = "";
    private string command = "";
    private string? lost;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        folder = new TestFolder();
        var password = Path.Combine(folder.Path, "password");
        await File.WriteAllTextAsync(password, "nobody listens there");
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["RECONCILER_INTERVAL_SECONDS"] = "3600", // or it sees what a test calls missing
                ["PLUGINS_PROXMOX_DIALECT"] = "forge",
                ["LDAP_URL"] = "ldaps://127.0.0.1:1",
                ["LDAP_USER_BASE"] = "ou=people,dc=example,dc=org",
                ["LDAP_BIND_DN"] = "cn=reader,dc=example,dc=org",
                ["LDAP_BIND_PASSWORD_FILE"] = password,
            },
            cli: """
            case $1 in list | templates) echo '[]'; exit;; esac
            [ "$1 $3" = "status lost" ] && { echo "does not exist" >&2; exit 3; }
            echo '{"id":"1","name":"one","status":"running"}'
            """
        );
        project = await Client.CreateProjectAsync();
        user = await Client.CreateUserAsync();
        (container, var job) = await Client.CreateContainerAsync(project);
        await Client.WaitForJobAsync(job);
        command = await CommandAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public void Post_ExceptTheListedOperations_AcceptsAnIdempotencyKey()
    {
        var posts = OpenApiDocument.Operations.Where(o => o.Method == "post").ToList();
        Assert.That(
            posts.Where(o => TakesHeader(o.Node, "Idempotency-Key")).Select(o => o.Id),
            Is.EquivalentTo(AcceptsIdempotencyKey.Keys)
        );
        Assert.That(posts.Where(o => !TakesHeader(o.Node, "Idempotency-Key")).Select(o => o.Id), Is.EquivalentTo(NotRepeatable));
    }

    [TestCaseSource(nameof(Repeatables))]
    public async Task Post_WhenIdempotencyKeyIsRepeated_ReturnsTheSameAnswer(string operation)
    {
        var (path, _) = await PathAsync(operation);
        var (body, other) = (Filled(AcceptsIdempotencyKey[operation].Body), Filled(AcceptsIdempotencyKey[operation].Other));
        var key = ("Idempotency-Key", $"of-{operation}");
        var first = await Client.SendAsync(HttpMethod.Post, path, body, key);
        Assert.That((int)first.Status, Is.InRange(200, 202), first.ToString());
        if (first.Status == HttpStatusCode.Accepted)
        {
            Assert.That(first.Location, Is.EqualTo($"/api/v1/jobs/{first.Body!["job_id"]}"));
        }

        var again = await Client.SendAsync(HttpMethod.Post, path, body, key);
        Assert.That(
            (again.Status, again.Text, again.Location, again.ETag),
            Is.EqualTo((first.Status, first.Text, first.Location, first.ETag))
        );
        var different = other is null
            ? await Client.PostAsync("/api/v1/projects", """{"name":"Another","unix_name":"another"}""", key)
            : await Client.SendAsync(HttpMethod.Post, path, other, key);
        Assert.That((different.Status, different.Code), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "idempotency_key_reused")));
    }

    [TestCaseSource(nameof(Bodies))]
    public async Task RequiredFields_WhenBodyIsEmpty_AreAllReported(string operation)
    {
        var (path, one) = await PathAsync(operation);
        var schema = (string)one.Node["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]!;
        var required = OpenApiDocument.Schema(schema)["required"]?.AsArray().Select(f => (string)f!) ?? [];
        var answer = await Client.SendAsync(new HttpMethod(one.Method.ToUpperInvariant()), path, "{}");
        // Without container_id and alias a host needs what the schema cannot require of all.
        var conditional = operation is "CreateHost" or "UpdateHost" ? new[] { "name", "address", "user_name" } : [];
        Assert.That(answer.ErrorFields, Is.EquivalentTo(required.Concat(conditional)), answer.ToString());
    }

    [Test]
    public async Task Response_OfEachRead_HasTheDocumentedHeadersAndFields()
    {
        foreach (
            var (path, schema) in new[]
            {
                ($"/api/v1/projects/{project}", "ProjectDto"),
                ($"/api/v1/users/{user}", "UserDto"),
                (container, "ContainerDto"),
            }
        )
        {
            var answer = await Client.GetAsync(path);
            Assert.That(answer.ETag, Is.Not.Null);
            Assert.That(answer.Body!.AsObject().Select(f => f.Key), Is.EquivalentTo(Required(OpenApiDocument.Schema(schema))));
        }

        var versioned = OpenApiDocument
            .Operations.Where(o => o.Node["responses"]!.AsObject().Any(r => r.Value!["headers"]?["ETag"] is not null))
            .Select(o => o.Id);
        Assert.That(
            versioned,
            Is.EquivalentTo(
                new[]
                {
                    "CreateProject",
                    "GetProject",
                    "UpdateProject",
                    "PatchProject",
                    "GetContainer",
                    "PatchContainer",
                    "ChangeContainerPorts",
                    "GetDatabase",
                    "PatchDatabase",
                    "ForgetDatabase",
                    "ForgetContainer",
                    "AdoptOrphan",
                    "CreateCommand",
                    "GetCommand",
                    "UpdateCommand",
                    "CreateSchedule",
                    "GetSchedule",
                    "UpdateSchedule",
                    "CreateHost",
                    "GetHost",
                    "UpdateHost",
                    "AcceptHostKeys",
                    "ReplaceHostKey",
                    "GetTier",
                    "SaveTier",
                    "CreateUser",
                    "GetUser",
                    "GetOwnUser",
                    "UpdateUser",
                    "PatchUser",
                }
            )
        );
    }

    // Generated clients treat the first success status as the only one.
    [Test]
    public void Operation_InTheDocument_HasOneSuccessStatus()
    {
        foreach (var operation in OpenApiDocument.Operations)
        {
            var successes = operation.Node["responses"]!.AsObject().Where(r => r.Key[0] is '2' or '3' && r.Key != "304").ToList();
            if (operation.Id == "OpenConsole")
            {
                Assert.That(successes, Is.Empty, "it is only a WebSocket");
                continue;
            }

            Assert.That(successes, Has.Count.EqualTo(1), operation.Id);
            if (successes[0].Key == "202")
            {
                var schema = (string)successes[0].Value!["content"]!["application/json"]!["schema"]!["$ref"]!;
                Assert.That(Required(OpenApiDocument.Schema(schema)), Does.Contain("job_id"), operation.Id);
            }
        }
    }

    [Test]
    public void Operation_InTheDocument_IsDescribed()
    {
        foreach (var operation in OpenApiDocument.Operations)
        {
            Assert.That((string?)operation.Node["summary"], Is.Not.Null.And.Not.Empty, operation.Id);
            Assert.That((string?)operation.Node["description"], Is.Not.Null.And.Not.Empty, operation.Id);
            foreach (var parameter in operation.Node["parameters"]?.AsArray() ?? [])
            {
                Assert.That((string?)parameter!["description"], Is.Not.Null.And.Not.Empty, $"{operation.Id} {parameter["name"]}");
            }
        }

        Assert.That(
            (int)OpenApiDocument.Schema("SignInBody")["properties"]!["login"]!["maxLength"]!,
            Is.EqualTo(254),
            "a directory's login may be an address"
        );
    }

    // A restore needs a backup: DatabaseApiTests restores.
    private static IEnumerable<string> Repeatables() =>
        AcceptsIdempotencyKey.Keys.Where(k => k is not ("RestoreDatabase" or "RestoreDatabaseInPlace"));

    private string? Filled(string? body) =>
        body
            ?.Replace("USER", user, StringComparison.Ordinal)
            .Replace("PROJECT", project, StringComparison.Ordinal)
            .Replace("COMMAND", command, StringComparison.Ordinal);

    // Of these, one of several fields is required, which the document cannot say.
    private static IEnumerable<string> Bodies() =>
        OpenApiDocument
            .Operations.Where(o => o.Id is not ("RestoreDatabaseInPlace" or "ResizeContainer"))
            .Where(o => o.Node["requestBody"]?["content"]?["application/json"] is not null)
            .Select(o => o.Id);

    private static IEnumerable<string> Required(JsonNode schema) => schema["required"]!.AsArray().Select(f => (string)f!);

    private static bool TakesHeader(JsonNode operation, string name) =>
        operation["parameters"]?.AsArray().Any(p => (string)p!["in"]! == "header" && (string)p["name"]! == name) == true;

    private async Task<(string Path, OpenApiDocument.Operation Operation)> PathAsync(string operation)
    {
        var one = OpenApiDocument.Operations.Single(o => o.Id == operation);
        var path =
            operation == "ForgetContainer" ? await LostAsync() + "/forget"
            : one.Path.Contains("{cid}", StringComparison.Ordinal)
                ? container
                    + one.Path[(one.Path.IndexOf("{cid}", StringComparison.Ordinal) + 5)..]
                        .Replace("{name}", "some", StringComparison.Ordinal)
            : one.Path.Contains("/databases/{id}", StringComparison.Ordinal)
                ? one.Path.Replace("{id}", await DatabaseAsync(operation), StringComparison.Ordinal)
            : one.Path.Contains("/orphans/", StringComparison.Ordinal)
                ? one.Path.Replace("{id}", await OrphanAsync(operation), StringComparison.Ordinal)
            : one.Path.Contains("/commands/", StringComparison.Ordinal)
                ? one.Path.Replace("{id}", await CommandAsync(), StringComparison.Ordinal)
            : one.Path.Contains("/runs/", StringComparison.Ordinal) ? one.Path.Replace("{id}", await RunAsync(), StringComparison.Ordinal)
            : one.Path.Contains("/jobs/", StringComparison.Ordinal)
                ? one.Path.Replace("{id}", await JobAsync(operation), StringComparison.Ordinal)
            : one
                .Path.Replace("{id}", one.Path.Contains("/projects/", StringComparison.Ordinal) ? project : user, StringComparison.Ordinal)
                .Replace("{user_id}", user, StringComparison.Ordinal)
                .Replace("{name}", operation == "RollOutTier" ? "standard" : "some", StringComparison.Ordinal);
        return (path, one);
    }

    // A row in the state that the operation needs; the jobs of the operation fail, since there is no server behind it.
    private async Task<string> DatabaseAsync(string operation)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var name = operation.ToLowerInvariant();
        if (await db.Databases.SingleOrDefaultAsync(d => d.Name == name) is { } known)
        {
            return known.Id.ToString();
        }

        var owner = await db.Projects.SingleAsync(p => p.Id == Guid.Parse(project));
        var database = Database.Create(owner, "local-postgres", name, new DatabaseSpec("dev"), TimeProvider.System.GetUtcNow());
        db.Resources.Add(database);
        await db.SaveChangesAsync();
        var state = operation switch
        {
            "ForgetDatabase" => "status = 'missing', delete_failed_at = now()",
            "UndeleteDatabase" => "status = 'deleted', restorable_until = now() + interval '1 day'",
            "UnfreezeDatabase" => "status = 'frozen'",
            _ => "status = 'ready'",
        };
        await server.ExecuteAsync($"update resources set {state}, external_id = 'none' where id = '{database.Id}'");
        return database.Id.ToString();
    }

    private async Task<string> CommandAsync()
    {
        if (await server.ScalarAsync<Guid?>("select id from commands where name = 'listed'") is { } known)
        {
            return known.ToString();
        }

        var created = await server.Client.PostAsync(
            "/api/v1/commands",
            """{"name":"listed","kind":"local","arguments":["true"],"parameters":[{"name":"A"}]}"""
        );
        return (string)created.Body!["id"]!;
    }

    private async Task<string> RunAsync() =>
        await server.ScalarAsync<Guid?>("select id from runs order by id limit 1") is { } known
            ? known.ToString()
            : (string)(await server.Client.PostAsync($"/api/v1/commands/{await CommandAsync()}/runs", "{}")).Body!["id"]!;

    // Of a plugin that does not exist: no listing takes it away.
    private async Task<string> OrphanAsync(string operation)
    {
        var name = operation.ToLowerInvariant();
        if (await server.ScalarAsync<Guid?>($"select id from orphans where name = '{name}'") is { } known)
        {
            return known.ToString();
        }

        var id = Guid.NewGuid();
        await server.ExecuteAsync(
            $$"""
            insert into orphans (id, plugin, resource_id, external_id, name, status, spec, first_seen_at, last_seen_at, confirmed_at)
            values ('{{id}}', 'proxmox', gen_random_uuid(), 'none', '{{name}}', 'stopped', '{"template":"a"}', now(), now(), now())
            """
        );
        return id.ToString();
    }

    private async Task<string> LostAsync()
    {
        if (lost is null)
        {
            (lost, var job) = await Client.CreateContainerAsync(project, more: ""","name":"given-up" """);
            await Client.WaitForJobAsync(job);
            await server.ExecuteAsync(
                "update resources set status = 'missing', delete_failed_at = now(), external_id = 'lost' "
                    + $"where id = '{lost[(lost.LastIndexOf('/') + 1)..]}'"
            );
        }

        return lost;
    }

    // A waiting job, or a failed one.
    private async Task<string> JobAsync(string operation)
    {
        var (_, job) = await Client.CreateContainerAsync(project);
        var ended = await Client.WaitForJobAsync(job);
        await server.ExecuteAsync(
            operation == "RetryJob"
                ? $"update jobs set state = 'failed' where id = '{ended["id"]}'"
                : "update jobs set state = 'waiting_retry', run_at = now() + interval '1 hour', finished_at = null "
                    + $"where id = '{ended["id"]}'"
        );
        return (string)ended["id"]!;
    }
}
