using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Containers through all layers, on real containers of this machine.</summary>
[Category("Slow")]
public sealed class ContainerApiTests
{
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_ENABLED"] = "true",
                ["PLUGINS_PROXMOX_CLI_PATH"] = WombatProcess.Forge(),
                ["RECONCILER_INTERVAL_SECONDS"] = "1",
            }
        );

    [OneTimeTearDown]
    public async Task Stop()
    {
        // Containers that failed tests left behind.
        foreach (var container in (await Client.GetAsync("/api/v1/containers?limit=200")).Body!["items"]!.AsArray())
        {
            await Client.DeleteAsync($"/api/v1/projects/{container!["project_id"]}/containers/{container["id"]}");
            await Client.WaitAsync(
                $"/api/v1/projects/{container["project_id"]}/containers/{container["id"]}",
                "status",
                TimeSpan.FromSeconds(30),
                "deleted"
            );
        }

        await server.DisposeAsync();
    }

    [Test]
    public async Task Container_FromCreateToDelete_FollowsEveryOperation()
    {
        var project = await Client.CreateProjectAsync();
        var (path, job) = await Client.CreateContainerAsync(project, more: ""","name":"web","memory":64,"cpu":1""");
        var made = await Client.WaitForJobAsync(job);
        Assert.That((string)made["status"]!, Is.EqualTo("succeeded"), made.ToJsonString());
        var container = (await Client.GetAsync(path)).Body!;
        var name = (string)container["external_id"]!;
        Assert.That((string)container["status"]!, Is.EqualTo("running"));
        Assert.That(await Lxc.StateAsync(server.DataDirectory, name), Is.EqualTo("RUNNING"));

        foreach (
            var (operation, status, lxc) in new[]
            {
                ("stop", "stopped", "STOPPED"),
                ("start", "running", "RUNNING"),
                ("restart", "running", "RUNNING"),
            }
        )
        {
            var asked = await Client.PostAsync($"{path}/{operation}");
            Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
            Assert.That((string)(await Client.WaitForJobAsync(asked.Location!))["status"]!, Is.EqualTo("succeeded"));
            Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo(status));
            Assert.That(await Lxc.StateAsync(server.DataDirectory, name), Is.EqualTo(lxc));
        }

        var log = await Client.GetAsync($"{job}/log");
        Assert.That(
            log.Body!["items"]!.AsArray().Select(l => (long)l!["number"]!),
            Is.EqualTo(Enumerable.Range(1, log.Body["items"]!.AsArray().Count).Select(i => (long)i))
        );
        Assert.That((bool)log.Body["ended"]!, Is.True);

        var deleted = await Client.DeleteAsync(path);
        Assert.That((string)(await Client.WaitForJobAsync(deleted.Location!))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(await Lxc.StateAsync(server.DataDirectory, name), Is.Null);
        Assert.That((await Client.GetAsync($"/api/v1/projects/{project}/containers")).Body!["items"]!.AsArray(), Is.Empty);
        Assert.That(
            (await Client.GetAsync($"/api/v1/projects/{project}/containers?status=deleted")).Body!["items"]!.AsArray(),
            Has.Count.EqualTo(1)
        );
        Assert.That((await Client.DeleteAsync(path)).Code, Is.EqualTo("already_deleted"));
        Assert.That((await Client.PostAsync($"{path}/start")).Code, Is.EqualTo("not_operable"));
    }

    [Test]
    public async Task Create_WhenNameIsTaken_IsAConflictUntilDeleted()
    {
        var project = await Client.CreateProjectAsync();
        var (path, job) = await Client.CreateContainerAsync(project, more: ""","name":"only" """);
        var again = await Client.PostAsync($"/api/v1/projects/{project}/containers", """{"template":"busybox","name":"only"}""");
        Assert.That((again.Status, again.Code), Is.EqualTo((HttpStatusCode.Conflict, "name_taken")));
        Assert.That((string)again.Body!["detail"]!, Is.EqualTo("A container named \"only\" already exists in this project."));
        await Client.WaitForJobAsync(job);
        await Client.WaitForJobAsync((await Client.DeleteAsync(path)).Location!);
        await Client.CreateContainerAsync(project, more: ""","name":"only" """);
    }

    [Test]
    public async Task Plan_ForACreate_ReturnsTheResultAndChangesNothing()
    {
        var project = await Client.CreateProjectAsync();
        const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr";
        var fine = await Client.PostAsync($"/api/v1/projects/{project}/containers/plan", """{"template":"busybox","name":"plan"}""");
        Assert.That(
            (fine.Status, (bool)fine.Body!["possible"]!, (string)fine.Body["would_create"]!["name"]!),
            Is.EqualTo((HttpStatusCode.OK, true, "plan")),
            fine.ToString()
        );
        var keys = await Client.PostAsync(
            $"/api/v1/projects/{project}/containers/plan",
            $$"""{"template":"busybox","ssh_keys":["{{Key}}"]}"""
        );
        Assert.That(
            ((bool)keys.Body!["possible"]!, (string)keys.Body["objections"]![0]!["field"]!),
            Is.EqualTo((false, "ssh_keys")),
            keys.ToString()
        );
        Assert.That(await server.ScalarAsync<long>($"select count(*) from resources where project_id = '{project}'"), Is.Zero);
    }

    [Test]
    public async Task Reconciler_WhenContainerChangedOutsideWombat_UpdatesItsStatus()
    {
        var project = await Client.CreateProjectAsync();
        var (path, job) = await Client.CreateContainerAsync(project);
        await Client.WaitForJobAsync(job);
        var name = (string)(await Client.GetAsync(path)).Body!["external_id"]!;
        await Lxc.RunAsync(
            "lxc-create",
            "-P",
            Path.Combine(server.DataDirectory, "lxc"),
            "-n",
            "stranger",
            "-t",
            "busybox",
            "-f",
            "/dev/null"
        );

        await Lxc.RunAsync("lxc-stop", "-P", Path.Combine(server.DataDirectory, "lxc"), "-n", name, "-k");
        var stopped = await Client.WaitAsync(path, "status", TimeSpan.FromSeconds(10), "stopped");
        Assert.That((string)stopped["status_reason"]!, Does.Contain("outside Wombat"));

        await Lxc.RunAsync("lxc-start", "-P", Path.Combine(server.DataDirectory, "lxc"), "-n", name, "-d");
        await Client.WaitAsync(path, "status", TimeSpan.FromSeconds(10), "running");

        await Lxc.RunAsync("lxc-destroy", "-P", Path.Combine(server.DataDirectory, "lxc"), "-n", name, "-f");
        var missing = await Client.WaitAsync(path, "status", TimeSpan.FromSeconds(10), "missing");
        Assert.That(
            (string)missing["status_reason"]!,
            Is.EqualTo("The container no longer exists on the host. Delete this entry and create a new container.")
        );
        Assert.That(await Lxc.StateAsync(server.DataDirectory, "stranger"), Is.EqualTo("STOPPED"));
        await Lxc.RunAsync("lxc-destroy", "-P", Path.Combine(server.DataDirectory, "lxc"), "-n", "stranger", "-f");

        var events = (await Client.GetAsync($"/api/v1/events?project_id={project}&limit=100")).Body!["items"]!
            .AsArray()
            .Where(e => (string)e!["actor"]! == "system")
            .Select(e => (string)e!["action"]!);
        Assert.That(events, Is.EqualTo(new[] { "container.stopped", "container.running", "container.missing" }));

        // A missing container can still be deleted.
        Assert.That((string)(await Client.WaitForJobAsync((await Client.DeleteAsync(path)).Location!))["status"]!, Is.EqualTo("succeeded"));
    }

    [Test]
    public async Task Console_WhenContainerWritesMuch_IsRotated()
    {
        var (path, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync());
        await Client.WaitForJobAsync(job);
        var (folder, name) = (Path.Combine(server.DataDirectory, "lxc"), (string)(await Client.GetAsync(path)).Body!["external_id"]!);
        await Lxc.RunAsync(
            "lxc-attach",
            "-P",
            folder,
            "-n",
            name,
            "--",
            "/bin/sh",
            "-c",
            "for i in $(seq 50); do head -c 100000 /dev/zero | tr '\\0' x; echo; done > /dev/console"
        );
        var written = new DirectoryInfo(Path.Combine(folder, name)).GetFiles("console.log*").Sum(f => f.Length);
        Assert.That(written, Is.InRange(1, 2 * 1024 * 1024));
        await Client.WaitForJobAsync((await Client.DeleteAsync(path)).Location!);
    }

    [Test]
    public async Task DeleteProject_WhenItHasContainers_NeedsCascade()
    {
        var project = await Client.CreateProjectAsync();
        var (first, job) = await Client.CreateContainerAsync(project);
        var (second, _) = await Client.CreateContainerAsync(project);
        await Client.WaitForJobAsync(job);
        var refused = await Client.DeleteAsync($"/api/v1/projects/{project}");
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Conflict, "project_not_empty")));

        var asked = await Client.DeleteAsync($"/api/v1/projects/{project}?cascade=true");
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        var tooLate = await Client.PostAsync($"/api/v1/projects/{project}/containers", """{"template":"busybox"}""");
        Assert.That(tooLate.Status, Is.EqualTo(HttpStatusCode.Conflict).Or.EqualTo(HttpStatusCode.NotFound), tooLate.ToString());
        var done = await Client.WaitForJobAsync(asked.Location!);
        Assert.That((string)done["status"]!, Is.EqualTo("succeeded"), done.ToJsonString());
        Assert.That((await Client.GetAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        foreach (var path in new[] { first, second })
        {
            Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("deleted"));
        }

        Assert.That(
            (await Lxc.RunAsync("lxc-ls", "-P", Path.Combine(server.DataDirectory, "lxc"), "-1")).Output,
            Does.Not.Contain(project[^8..])
        );
    }

    [Test]
    public async Task ListPlugins_WhenHealthy_ReturnsHealthAndTemplates()
    {
        await Client.WaitForJobAsync((await Client.CreateContainerAsync(await Client.CreateProjectAsync())).Job);
        var plugin = (await Client.GetAsync("/api/v1/plugins")).Body!["items"]!.AsArray().Single(p => (string)p!["name"]! == "proxmox")!;
        Assert.That(((string)plugin["name"]!, (string)plugin["health"]!["status"]!), Is.EqualTo(("proxmox", "healthy")));
        Assert.That(
            plugin["templates"]!.AsArray().Select(t => (string)t!["name"]!),
            Is.EqualTo(new[] { "busybox", "debian-12", "debian-13" })
        );
        Assert.That(plugin["abilities"]!.AsArray().Select(t => (string)t!), Does.Contain("start").And.Contain("list"));
        Assert.That((double)plugin["health"]!["age_seconds"]!, Is.LessThan(60));
    }

    [Test]
    public async Task ListTemplates_ByAnyUser_TellsWhatTheFirstUseTakes()
    {
        await Client.WaitForJobAsync((await Client.CreateContainerAsync(await Client.CreateProjectAsync())).Job);
        using var user = (await Client.CreateMemberAsync(await Client.CreateProjectAsync(), "viewer")).Client;
        var templates = await Eventually.GetAsync(
            async () => (await user.GetAsync("/api/v1/templates")).Body!["items"]!.AsArray(),
            all => (bool?)all.FirstOrDefault(t => (string)t!["name"]! == "busybox")?["cached"] == true,
            "the monitor sees the image of the container"
        );
        var busybox = templates.Single(t => (string)t!["name"]! == "busybox")!;
        Assert.That(
            ((string)busybox["plugin"]!, (int)busybox["first_use_seconds"]!, (bool)busybox["accepts_ssh_keys"]!),
            Is.EqualTo(("proxmox", 0, false))
        );
        Assert.That((string?)busybox["version"], Has.Length.EqualTo(12));
        Assert.That(templates.Select(t => (string)t!["name"]!), Does.Contain("debian-13"));
        Assert.That((int?)busybox["max_cpu"], Is.EqualTo(Environment.ProcessorCount));
        Assert.That((int?)busybox["free_memory"], Is.InRange(1, (int)busybox["max_memory"]!));
        Assert.That((int?)busybox["free_disk"], Is.Not.Null);
    }

    [Test]
    public async Task Metrics_OnEveryLine_ArePrometheusText()
    {
        var page = (await Client.GetAsync("/metrics")).Text;
        foreach (
            var name in new[]
            {
                "wombat_jobs{state=\"queued\"}",
                "wombat_jobs_oldest_seconds",
                "wombat_plugin_healthy{plugin=\"proxmox\"}",
                "wombat_plugin_health_seconds",
                "http_server_request_duration_seconds_bucket",
            }
        )
        {
            Assert.That(page, Does.Contain(name));
        }

        Assert.That(
            page.Split('\n').Where(l => l.Length > 0 && !l.StartsWith('#')),
            Is.All.Match(@"^[a-z_:][a-z0-9_:]*(\{.*\})? [0-9.E+-]+$")
        );
    }
}
