using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Plugins;

/// <summary>Container CLIs that fail, hang or print invalid output.</summary>
public sealed class ContainerCliTests
{
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(new Dictionary<string, string> { ["JOBS_CONCURRENCY"] = "8" }, cli: ScriptedCli.Fickle);

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [TestCase("quick", "succeeded", null, 1)]
    [TestCase("flaky", "succeeded", null, 3)]
    [TestCase("half", "succeeded", null, 3)]
    [TestCase("full", "failed", "capacity", 1)]
    [TestCase("conflict", "failed", "conflict", 1)]
    [TestCase("secretive", "failed", "plugin_unauthenticated", 1)]
    [TestCase("huge", "failed", "unknown", 1)]
    [TestCase("unheard-of", "failed", "invalid_request", 1)]
    [TestCase("garbled", "failed", "unknown", 1)]
    [TestCase("longid", "failed", "unavailable", 5)]
    [TestCase("option", "failed", "unavailable", 5)]
    [TestCase("nulid", "failed", "unavailable", 5)]
    [TestCase("halfpair", "failed", "unavailable", 5)]
    [TestCase("twice", "succeeded", null, 1)]
    [TestCase("oddaddress", "succeeded", null, 1)]
    public async Task Create_WhenCliMisbehaves_EndsTheJobAsExpected(string template, string status, string? code, int attempts)
    {
        var (container, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), template);
        var ended = await Client.WaitForJobAsync(job);
        Assert.That(
            ((string)ended["status"]!, (string?)ended["error"]?["code"], (int)ended["attempt"]!),
            Is.EqualTo((status, code, attempts)),
            ended.ToJsonString()
        );
        var after = (await Client.GetAsync(container)).Body!;
        Assert.That((string)after["status"]!, Is.EqualTo(status == "succeeded" ? "running" : "error"));
        if (status == "failed")
        {
            Assert.That((string)after["status_reason"]!, Is.EqualTo((string)ended["error"]!["message"]!));
        }
    }

    [Test]
    [Category("Slow")]
    public async Task Create_WhenCliHangs_IsKilledAndRetried()
    {
        await using var impatient = await TestServer.StartAsync(
            new Dictionary<string, string> { ["PLUGINS_PROXMOX_CREATE_TIMEOUT_SECONDS"] = "0.4" },
            cli: ScriptedCli.Fickle
        );
        var (container, job) = await impatient.Client.CreateContainerAsync(await impatient.Client.CreateProjectAsync(), "hang");
        var ended = await impatient.Client.WaitForJobAsync(job);
        Assert.That(
            ((string)ended["status"]!, (string)ended["error"]!["code"]!, (int)ended["attempt"]!),
            Is.EqualTo(("failed", "unavailable", 5)),
            ended.ToJsonString()
        );
        Assert.That((string)(await impatient.Client.GetAsync(container)).Body!["status_reason"]!, Does.Contain("did not end within"));
        Assert.That((await impatient.Client.GetAsync("/api/v1/projects")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Create_WhenCliIsMissing_FailsUntilRetried()
    {
        await using var other = await TestServer.StartAsync(cli: ScriptedCli.Fickle);
        var cli = Path.Combine(other.DataDirectory, "cli");
        File.Move(cli, cli + ".away");
        var (container, job) = await other.Client.CreateContainerAsync(await other.Client.CreateProjectAsync(), "quick");
        var failed = await other.Client.WaitForJobAsync(job);
        Assert.That(
            ((string)failed["status"]!, (string)failed["error"]!["message"]!),
            Is.EqualTo(("failed", "The program cli is missing on the server or is not executable; an administrator must install it."))
        );
        File.Move(cli + ".away", cli);
        Assert.That((await other.Client.PostAsync($"{job}/retry")).Status, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((string)(await other.Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
        Assert.That((string)(await other.Client.GetAsync(container)).Body!["status"]!, Is.EqualTo("running"));
        Assert.That((await other.Client.PostAsync($"{job}/retry")).Code, Is.EqualTo("job_not_retryable"));
    }

    [Test]
    public async Task Delete_WhenIdIsJustReported_LeavesNothingBehind()
    {
        var (container, _) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "tells");
        var name = (string)(await Client.GetAsync(container)).Body!["external_name"]!;
        await Client.WaitAsync(container, "external_id", TimeSpan.FromSeconds(10), name);
        Assert.That(await DeletedAsync(container), Is.Null);
        Assert.That(
            File.Exists(Path.Combine(server.DataDirectory, "made", name)),
            Is.False,
            "the created container is left in the outside system"
        );
    }

    [Test]
    public async Task Delete_WhenCreateOutcomeIsUnknown_ReportsIt()
    {
        var project = await Client.CreateProjectAsync();
        var (hanging, job) = await Client.CreateContainerAsync(project, "hang");
        await Client.WaitAsync(job, "status", TimeSpan.FromSeconds(10), "running");
        Assert.That(
            await DeletedAsync(hanging),
            Does.StartWith("The answer to the create call was lost")
                .And.EndWith($"{(await Client.GetAsync(hanging)).Body!["external_name"]}.")
        );

        var (refused, refusal) = await Client.CreateContainerAsync(project, "full");
        await Client.WaitForJobAsync(refusal);
        Assert.That(await DeletedAsync(refused), Is.Null, "the refused container was not created");
    }

    [Test]
    public async Task Forget_WhenDeleteFailed_NeedsTheNameRepeated()
    {
        var project = await Client.CreateProjectAsync();
        var (container, job) = await Client.CreateContainerAsync(project, "quick");
        await Client.WaitForJobAsync(job);
        var made = (await Client.GetAsync(container)).Body!;
        Task<Answer> Forget(string name) => Client.PostAsync($"{container}/forget", $$"""{"name":"{{name}}"}""");
        Assert.That(
            (await Forget((string)made["name"]!)).Code,
            Is.EqualTo("not_forgettable"),
            "a running container is deleted, not forgotten"
        );

        await File.WriteAllTextAsync(Path.Combine(server.DataDirectory, "made", $".{made["external_id"]}.dead"), "");
        Assert.That(
            (string)(await Client.WaitForJobAsync((await Client.DeleteAsync(container)).Location!))["status"]!,
            Is.EqualTo("failed")
        );
        var stuck = (await Client.GetAsync(container)).Body!;
        Assert.That(((string)stuck["status"]!, (string)stuck["status_reason"]!), Is.EqualTo(("error", "the node is no more")));
        Assert.That(stuck["actions"]!.AsArray().Select(a => (string)a!), Does.Contain("forget"));

        var mistyped = await Forget("another");
        Assert.That(
            (mistyped.Status, mistyped.Body!["errors"]!["name"] is not null),
            Is.EqualTo((HttpStatusCode.BadRequest, true)),
            mistyped.ToString()
        );
        var forgotten = await Forget((string)made["name"]!);
        Assert.That(
            (forgotten.Status, (string)forgotten.Body!["status"]!),
            Is.EqualTo((HttpStatusCode.OK, "deleted")),
            forgotten.ToString()
        );
        Assert.That((string)forgotten.Body!["status_reason"]!, Does.Contain((string)made["external_name"]!));
        Assert.That((await Forget((string)made["name"]!)).Code, Is.EqualTo("not_forgettable"));
        Assert.That(
            await server.ScalarAsync<long>(
                $"select count(*) from events where action = 'container.forgotten' and target_id = '{made["id"]}'"
            ),
            Is.EqualTo(1)
        );
        var deleted = await Client.WaitForJobAsync((await Client.DeleteAsync($"/api/v1/projects/{project}")).Location!);
        Assert.That(
            (string)deleted["status"]!,
            Is.EqualTo("succeeded"),
            "the forgotten container does not prevent the deletion of the project"
        );
    }

    [Test]
    public async Task Reconciler_WhenOneContainerCannotBeQueried_ChecksTheOthers()
    {
        var project = await Client.CreateProjectAsync();
        var made = new List<(string Path, string Name)>();
        for (var i = 0; i < 2; i++)
        {
            var (container, job) = await Client.CreateContainerAsync(project, "quick");
            await Client.WaitForJobAsync(job);
            made.Add((container, (string)(await Client.GetAsync(container)).Body!["external_id"]!));
        }

        await File.WriteAllTextAsync(Path.Combine(server.DataDirectory, "made", $".{made[0].Name}.mute"), "");
        File.Delete(Path.Combine(server.DataDirectory, "made", made[1].Name));
        await Client.WaitAsync(made[1].Path, "status", TimeSpan.FromSeconds(10), "missing");
        Assert.That((string)(await Client.GetAsync(made[0].Path)).Body!["status"]!, Is.EqualTo("running"), "an unknown state is not drift");
    }

    // Returns the status reason.
    private async Task<string?> DeletedAsync(string container)
    {
        await Client.WaitForJobAsync((await Client.DeleteAsync(container)).Location!, 15);
        var deleted = (await Client.GetAsync(container)).Body!;
        Assert.That((string)deleted["status"]!, Is.EqualTo("deleted"), deleted.ToJsonString());
        return (string?)deleted["status_reason"];
    }
}
