using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Containers;
using Wombat.Domain.Databases;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Access;

/// <summary>A caller without any right on something gets the answer that an unknown id gets.</summary>
public sealed class HiddenResourceTests
{
    private static readonly string[] Requests =
    [
        "GET /api/v1/databases/{database}",
        "PATCH /api/v1/databases/{database} {\"purpose\":\"x\"}",
        "DELETE /api/v1/databases/{database}",
        "POST /api/v1/databases/{database}/forget {\"name\":\"orders\"}",
        "POST /api/v1/databases/{database}/freeze {\"reason\":\"x\"}",
        "POST /api/v1/databases/{database}/plan {\"change\":\"delete\"}",
        "POST /api/v1/databases/{database}/restore {\"name\":\"other\"}",
        "POST /api/v1/databases/{database}/credentials/reveal {}",
        "GET /api/v1/databases/{database}/connection",
        "GET /api/v1/databases/{database}/backups",
        "GET /api/v1/databases/{database}/users",
        "POST /api/v1/databases/{database}/users {\"name\":\"ann\",\"role\":\"owner\"}",
        "DELETE /api/v1/databases/{database}/users/ann",
        "GET /api/v1/databases/{container}",
        "POST /api/v1/databases/{container}/restart",
        "GET /api/v1/jobs/{job}",
        "GET /api/v1/jobs/{job}/log",
        "POST /api/v1/jobs/{job}/cancel",
        "GET /api/v1/projects/{own}/containers/{container}",
        "DELETE /api/v1/projects/{own}/containers/{container}",
        "GET /api/v1/projects/{project}/containers/{container}",
        "GET /api/v1/projects/{project}/databases",
    ];

    private readonly Dictionary<string, WombatClient> strangers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> ids = new(StringComparer.Ordinal);
    private TestServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLES"] = "api" });
        ids["project"] = await server.Client.CreateProjectAsync();
        ids["own"] = await server.Client.CreateProjectAsync();
        var user = (await server.Client.CreateMemberAsync(ids["own"], "developer")).User;
        foreach (var scope in new[] { "read", "manage" })
        {
            strangers[scope] = server.Client.With((await server.Client.CreateTokenAsync(user, scope)).Secret);
        }

        await using var scoped = server.Services.CreateAsyncScope();
        var db = scoped.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var project = await db.Projects.SingleAsync(p => p.Id == Guid.Parse(ids["project"]));
        var now = TimeProvider.System.GetUtcNow();
        Resource database = Database.Create(project, "local-postgres", "orders", new DatabaseSpec("dev"), now);
        Resource container = Container.Create(project, "proxmox", "web", new ContainerSpec("busybox"), null, now);
        var job = Job.Create("database.restart", new Actor("test"), now, new JobTarget(project.Id), delay: TimeSpan.FromHours(1));
        db.Resources.AddRange(database, container);
        db.Jobs.Add(job);
        await db.SaveChangesAsync();
        (ids["database"], ids["container"], ids["job"]) = (database.Id.ToString(), container.Id.ToString(), job.Id.ToString());
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        foreach (var client in strangers.Values)
        {
            client.Dispose();
        }

        await server.DisposeAsync();
    }

    [TestCaseSource(nameof(Requests))]
    public async Task Request_ForAHiddenId_LooksLikeOneForAnUnknownId(string request)
    {
        foreach (var (scope, client) in strangers)
        {
            var hidden = await AnswerAsync(client, request, name => ids[name]);
            var unknown = await AnswerAsync(client, request, name => name == "own" ? ids[name] : Guid.NewGuid().ToString());
            Assert.That(hidden, Is.EqualTo(unknown), $"{scope}: {request}");
        }

        Assert.That(await AnswerAsync(strangers["manage"], request, name => ids[name]), Does.StartWith("404"));
    }

    // Without what differs between any two answers.
    private static async Task<string> AnswerAsync(WombatClient client, string request, Func<string, string> id)
    {
        var parts = request.Split(' ', 3);
        var path = string.Concat(parts[1].Split('{', '}').Select((part, i) => i % 2 == 0 ? part : id(part)));
        var answer = await client.SendAsync(new HttpMethod(parts[0]), path, parts.ElementAtOrDefault(2));
        var body = (JsonObject)answer.Body!;
        body.Remove("trace_id");
        body.Remove("instance");
        return $"{(int)answer.Status} {body.ToJsonString()}";
    }
}
