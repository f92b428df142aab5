using System.Net;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Directories with real Makefiles, read by real make.</summary>
public sealed class WorkspaceTests : CommandTestBase
{
    [Test]
    public async Task Targets_OfAMakefile_AreListedWithTheirHelp()
    {
        var targets = (await Client.GetAsync($"/api/v1/workspaces/{Workspace}/targets")).Body!;
        Assert.That(
            targets["items"]!.AsArray().Select(t => ((string)t!["name"]!, (string?)t["help"], (int?)t["line"])),
            Is.EqualTo(
                new (string, string?, int?)[]
                {
                    ("fail", null, 5),
                    ("help", "list the targets", null),
                    ("not-phony", null, null),
                    ("show", "show the version", 3),
                }
            )
        );
        Assert.That((string?)targets["problem"], Is.Null);
    }

    [Test]
    public async Task Targets_OfAHostileMakefile_AreReadWithoutItsEffects()
    {
        using var folder = new TestFolder();
        var outside = Path.Combine("/var/tmp", $"wombat-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "Makefile"),
            $"""
            A := $(shell touch inside {outside}; (setsid sleep 98765 >/dev/null 2>&1 &))
            B != id > inside2
            -include generated.mk
            generated.mk:
            	touch inside4; echo 'more:' > $@
            all: ## do all
            	touch inside5
            """
        );
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        var workspace = await RegisterAsync(folder.Path);
        var targets = (await Client.GetAsync($"/api/v1/workspaces/{workspace}/targets")).Body!;
        Assert.That(targets["items"]!.AsArray().Select(t => (string)t!["name"]!), Does.Contain("all"), targets.ToJsonString());
        Assert.That(System.IO.Directory.GetFiles(folder.Path).Select(Path.GetFileName), Is.EqualTo(new[] { "Makefile" }));
        Assert.That(RunTests.Sleeping("98765"), Is.False, "nothing of it is left");
    }

    [TestCase("all:\n\t@true\nfoo bar baz\n", "missing separator")]
    [TestCase("$(error broken by hand)\n", "broken by hand")]
    public async Task Targets_OfABrokenMakefile_TellWhatIsWrong(string makefile, string problem)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "Makefile"), makefile);
        var targets = (await Client.GetAsync($"/api/v1/workspaces/{await RegisterAsync(folder.Path)}/targets")).Body!;
        Assert.That((string?)targets["problem"], Does.Contain(problem), targets.ToJsonString());
    }

    [Test]
    public async Task Targets_OfAMakefileThatDoesNotEnd_AreGivenUp()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "Makefile"), "A := $(shell sleep 60)\nall:\n");
        var answer = await Client.GetAsync($"/api/v1/workspaces/{await RegisterAsync(folder.Path)}/targets");
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.Conflict, "targets_unreadable")));
    }

    [Test]
    public async Task Targets_OfAPipeInPlaceOfAMakefile_AreGivenUp()
    {
        using var folder = new TestFolder();
        var pipe = Path.Combine(folder.Path, "Makefile");
        await ChildProcess.RunAsync(new ChildCommand("/usr/bin/mkfifo", [pipe], TimeSpan.FromSeconds(10)), default);
        var workspace = await RegisterAsync(folder.Path);
        var answer = await Client.GetAsync($"/api/v1/workspaces/{workspace}/targets");
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.Conflict, "targets_unreadable")));
        var command = await CreateAsync(
            $$"""
            "kind":"make","target":"all","workspace_id":"{{workspace}}"
            """
        );
        var plan = (await Client.PostAsync($"{command}/plan", "{}")).Body!;
        Assert.That(plan["objections"]!.ToJsonString(), Does.Contain("could not be read within"));
    }

    [TestCase("/no/such/directory", "does not exist")]
    [TestCase("/etc/passwd", "does not exist")]
    [TestCase("relative", "absolute")]
    [TestCase("/tmp/../etc", "absolute")]
    public async Task Workspace_OfAWrongPath_IsRefused(string path, string message)
    {
        var refused = await Client.PostAsync("/api/v1/workspaces", $$"""{"name":"wrong","path":"{{path}}"}""");
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "path")));
        Assert.That(refused.Text, Does.Contain(message));
    }

    [Test]
    public async Task Workspace_ThatIsUsed_IsNotRemoved()
    {
        using var folder = new TestFolder();
        var workspace = await RegisterAsync(folder.Path);
        var command = await CreateAsync(
            $$"""
            "kind":"make","target":"all","workspace_id":"{{workspace}}"
            """
        );
        var refused = await Client.DeleteAsync($"/api/v1/workspaces/{workspace}");
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Conflict, "workspace_in_use")));
        await Client.DeleteAsync(command);
        Assert.That((await Client.DeleteAsync($"/api/v1/workspaces/{workspace}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(System.IO.Directory.Exists(folder.Path), Is.True);
    }

    [Test]
    public async Task Workspace_OfAnotherProject_IsRefusedForACommand()
    {
        var other = await Client.CreateProjectAsync();
        var refused = await Client.PostAsync(
            "/api/v1/commands",
            $$"""{"name":"x","project_id":"{{other}}","kind":"make","target":"show","workspace_id":"{{Workspace}}"}"""
        );
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "workspace_id")));
    }

    private async Task<string> RegisterAsync(string path)
    {
        var created = await Client.PostAsync(
            "/api/v1/workspaces",
            $$"""{"name":"{{Guid.NewGuid()}}","path":"{{path}}","project_id":"{{Project}}"}"""
        );
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Created), created.ToString());
        return (string)created.Body!["id"]!;
    }
}
