using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Quotas;

/// <summary>Quotas and limits, also when requests race for the last place.</summary>
public sealed class QuotaTests
{
    private const string Cli = """echo '{"id":"1","status":"running"}'""";
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["QUOTAS_PROJECTS_PER_USER"] = "3",
                ["QUOTAS_CONTAINERS_PER_PROJECT"] = "2",
                ["QUOTAS_CONTAINER_CPU"] = "4",
                ["QUOTAS_CONTAINER_MEMORY_MIB"] = "1024",
                ["QUOTAS_CONTAINER_DISK_GIB"] = "10",
                ["ROLES"] = "api",
            },
            cli: Cli
        );

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task CreateProject_WhenQuotaIsUsed_Is422UntilOneIsDeleted()
    {
        var (client, _) = await Admin.CreateMemberAsync();
        using var one = client;
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => one.PostAsync("/api/v1/projects", $$"""{"name":"Many {{i}}","unix_name":"many-{{i}}x"}"""))
        );
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.EqualTo(3));
        var refused = answers.First(a => a.Status != HttpStatusCode.Created);
        Assert.That(
            (
                refused.Status,
                refused.Code,
                (string?)refused.Body!["limit"],
                (int)refused.Body["allowed"]!,
                (int)refused.Body["used"]!,
                (int)refused.Body["requested"]!
            ),
            Is.EqualTo((HttpStatusCode.UnprocessableEntity, "budget_exceeded", "projects_per_user", 3, 3, 1))
        );
        Assert.That((string)refused.Body["detail"]!, Is.EqualTo("The limit projects_per_user allows 3; 3 in use, 1 requested."));
        await server.ExecuteAsync(
            "update projects set deleted_at = now() where id = "
                + $"'{(string)answers.First(a => a.Status == HttpStatusCode.Created).Body!["id"]!}'"
        );
        Assert.That(
            (await one.PostAsync("/api/v1/projects", """{"name":"One more","unix_name":"one-more"}""")).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );
    }

    [Test]
    public async Task CreateContainer_WhenQuotaIsUsed_Is422()
    {
        var project = await Admin.CreateProjectAsync();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(_ => Admin.PostAsync($"/api/v1/projects/{project}/containers", """{"template":"busybox"}"""))
        );
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Accepted), Is.EqualTo(2));
        Assert.That(
            answers.Where(a => a.Status != HttpStatusCode.Accepted).Select(a => (a.Code, (string?)a.Body!["limit"])),
            Is.All.EqualTo(("budget_exceeded", "containers_per_project"))
        );
    }

    [TestCase("\"cpu\":5", "container_cpu", "cpu")]
    [TestCase("\"memory\":2048", "container_memory_mib", "memory")]
    [TestCase("\"disk\":11", "container_disk_gib", "disk")]
    public async Task CreateContainer_WhenSizeExceedsTheLimit_Is422(string size, string limit, string field)
    {
        var path = $"/api/v1/projects/{await Admin.CreateProjectAsync()}/containers";
        var refused = await Admin.PostAsync(path, $$"""{"template":"busybox",{{size}}}""");
        Assert.That(
            (refused.Status, refused.Code, (string?)refused.Body!["limit"]),
            Is.EqualTo((HttpStatusCode.UnprocessableEntity, "budget_exceeded", limit))
        );
        var plan = (await Admin.PostAsync($"{path}/plan", $$"""{"template":"busybox",{{size}}}""")).Body!;
        Assert.That((bool)plan["possible"]!, Is.False);
        Assert.That((string)plan["objections"]!.AsArray().Single()!["field"]!, Is.EqualTo(field));
    }

    [Test]
    public async Task CreateToken_WhenLimitIsReached_Is422()
    {
        var (user, project) = (await Admin.CreateUserAsync(), await Admin.CreateProjectAsync());
        foreach (var path in new[] { $"/api/v1/users/{user}/tokens", $"/api/v1/projects/{project}/tokens" })
        {
            var answers = await Task.WhenAll(
                Enumerable.Range(0, 140).Select(_ => Admin.PostAsync(path, """{"name":"t","scopes":["read"]}"""))
            );
            Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.EqualTo(100), path);
            Assert.That(answers.Count(a => a.Code == "too_many_tokens"), Is.EqualTo(40), path);
        }
    }

    [Test]
    public async Task AddSshKey_WhenLimitIsReached_Is422()
    {
        var user = await Admin.CreateUserAsync();
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 60)
                .Select(i =>
                    Admin.PostAsync($"/api/v1/users/{user}/ssh-keys", $$"""{"public_key":"{{SshTestKey.Line($"key {i}", "quota")}}"}""")
                )
        );
        Assert.That(answers.Count(a => a.Code == "too_many_keys"), Is.GreaterThan(0), answers[0].ToString());
        Assert.That(
            await server.ScalarAsync<long>($"select count(*) from ssh_keys where user_id = '{user}'"),
            Is.EqualTo(Wombat.Domain.Users.SshKey.KeysOfUserMax)
        );
    }

    [Test]
    public async Task Operate_WhenTooManyJobsWait_IsRejected()
    {
        var (container, _) = await Admin.CreateContainerAsync(await Admin.CreateProjectAsync());
        await server.ExecuteAsync($"update resources set status = 'running', external_id = '1' where id = '{container.Split('/')[^1]}'");
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Admin.PostAsync($"{container}/restart")));
        Assert.That(answers.Count(a => a.Code == "too_many_jobs"), Is.EqualTo(21), answers[0].ToString());
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Accepted), Is.EqualTo(19), "the waiting provisioning counts");
    }
}
