using System.Net;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Directories with real Makefiles, read by real make, and repositories, read by real git.</summary>
public sealed class WorkspaceTests : CommandTestBase
{
    private readonly TestFolder sources = new();

    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["commands.git_directories"] = sources.Path };

    [OneTimeTearDown]
    public void DeleteSources() => sources.Dispose();

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

    [Test]
    public async Task Run_OfARepository_HasTheCommitOfItsTime()
    {
        using var repository = await TestRepository.CreateAsync(sources.Path);
        var first = await repository.CommitAsync("Makefile", "all: ## print\n\t@cat text\n", "text", "one\n");
        var workspace = await RegisterAsync(repository.Path, "\"reference\":\"main\"");
        var command = await CreateAsync($$""" "kind":"make","target":"all","workspace_id":"{{workspace}}" """);
        var early = await StartAsync(command);
        await AssertRunAsync(early, first, "one");
        var lines = await LinesAsync(early);
        Assert.That(lines.Select(l => (string)l["text"]!), Does.Contain($"Repository {repository.Path}, main"));

        var second = await repository.CommitAsync("text", "two\n");
        var runs = new[] { await StartAsync(command), await StartAsync(command) };
        var repeated = (await Client.PostAsync($"{early}/repeat", "{}")).Body!;
        await AssertRunAsync(runs[0], second, "two");
        await AssertRunAsync(runs[1], second, "two");
        await AssertRunAsync($"/api/v1/runs/{repeated["id"]}", first, "one");

        var plan = (await Client.PostAsync($"{command}/plan", "{}")).Body!;
        Assert.That((string?)plan["source"]!["commit"], Is.EqualTo(second), plan.ToJsonString());
        Assert.That(plan["objections"]!.AsArray(), Is.Empty, plan.ToJsonString());
        var targets = (await Client.GetAsync($"/api/v1/workspaces/{workspace}/targets")).Body!;
        Assert.That(((string?)targets["commit"], (string?)targets["items"]![0]!["name"]), Is.EqualTo((second, "all")));
        Assert.That(
            System.IO.Directory.GetDirectories(Path.GetTempPath(), $"wombat-*-run-{Guid.Parse((string)repeated["id"]!):N}"),
            Is.Empty,
            "the checkout is removed"
        );
    }

    [Test]
    public async Task Run_OfARepositoryThatCannotBeRead_TellsWhy()
    {
        using var repository = await TestRepository.CreateAsync(sources.Path);
        await repository.CommitAsync("text", "one\n", "out", "-> /etc");
        await AssertFailureAsync(repository.Path, "\"reference\":\"gone\"", "reference_not_found", "branch or tag gone", false);
        await AssertFailureAsync(repository.Path, "\"directory\":\"out\"", "reference_not_found", "no directory out", false);
        await AssertFailureAsync(repository.Path, $"\"reference\":\"{new string('a', 40)}\"", "reference_not_found", "aaaa", false);
        await AssertFailureAsync($"{sources.Path}/missing", "\"reference\":\"main\"", "repository_unreachable", "missing", true);
        await AssertFailureAsync("https://127.0.0.1:1/x", "\"token\":\"hidden-token\"", "repository_unreachable", "connect", true);
    }

    [Test]
    public async Task Targets_OfALinkOutOfTheRepository_AreNotRead()
    {
        using var repository = await TestRepository.CreateAsync(sources.Path);
        var outside = Path.Combine(sources.Path, "outside.mk");
        await File.WriteAllTextAsync(outside, "leaked: ## readable by every account\n");
        await repository.CommitAsync("Makefile", $"-> {outside}");
        var targets = (
            await Client.GetAsync($"/api/v1/workspaces/{await RegisterAsync(repository.Path, "\"reference\":null")}/targets")
        ).Body!;
        Assert.That((string?)targets["problem"], Does.Contain("Makefile is a symbolic link out"), targets.ToJsonString());
        Assert.That(targets["items"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Targets_OfAHostileRepository_SeeAndLeaveNothing()
    {
        using var repository = await TestRepository.CreateAsync(sources.Path);
        var left = Path.Combine(Path.GetTempPath(), $"left-{Guid.NewGuid():N}");
        using var run = new TestFolder();
        File.SetUnixFileMode(run.Path, (UnixFileMode)0b111_111_111);
        var text = $"A := $(shell touch {left} inside)\n$(shell ls -d {run.Path} 2>/dev/null | sed 's/.*/seen/'):\nall: ## do all\n";
        await repository.CommitAsync("Makefile", text);
        var workspace = await RegisterAsync(repository.Path, "\"reference\":null");
        var targets = (await Client.GetAsync($"/api/v1/workspaces/{workspace}/targets")).Body!;
        Assert.That(targets["items"]!.AsArray().Select(t => (string)t!["name"]!), Is.EqualTo(new[] { "all" }), targets.ToJsonString());
        Assert.That(File.Exists(left), Is.False);
    }

    [Test]
    public async Task Run_ThatNeedsApproval_HasTheCommitOfTheRequest()
    {
        using var repository = await TestRepository.CreateAsync(sources.Path);
        var first = await repository.CommitAsync("text", "one\n");
        var workspace = await RegisterAsync(repository.Path, "\"reference\":\"main\"");
        var command = await CreateWithApprovalAsync(workspace);
        var run = await StartAsync(command);
        Assert.That((string?)(await Client.GetAsync(run)).Body!["source"]!["commit"], Is.EqualTo(first));
        await repository.CommitAsync("text", "two\n");
        var (manager, _) = await Client.CreateMemberAsync(Project, "project_manager");
        await manager.PostAsync($"{run}/approve");
        await AssertRunAsync(run, first, "one");
        var gone = await CreateWithApprovalAsync(await RegisterAsync(repository.Path, "\"reference\":\"gone\""));
        var refused = await Client.PostAsync($"{gone}/runs", "{}");
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Conflict, "reference_not_found")));
        Assert.That(refused.Text, Does.Contain(repository.Path));
    }

    private Task<string> CreateWithApprovalAsync(string workspace) =>
        CreateAsync(
            $$"""
            "kind":"local","arguments":["cat","text"],"approval_by":"project_manager","workspace_id":"{{workspace}}"
            """
        );

    [TestCase(""" "repository":"ext::sh -c id" """, "repository")]
    [TestCase(""" "repository":"https://a:b@git.example.org/x" """, "repository")]
    [TestCase(""" "repository":"/srv/elsewhere" """, "repository")]
    [TestCase(""" "repository":"https://git.example.org/x","reference":"--upload-pack=id" """, "reference")]
    [TestCase(""" "repository":"https://git.example.org/x","directory":"../.." """, "directory")]
    [TestCase(""" "repository":"/srv/x","token":"abc" """, "token")]
    [TestCase(""" "repository":"https://git.example.org/x","path":"/tmp" """, "path")]
    [TestCase(""" "path":"/tmp","reference":"main" """, "repository")]
    [TestCase(""" "project_id":null """, "path")]
    public async Task Repository_ThatIsWrong_IsRefused(string fields, string name)
    {
        var refused = await Client.PostAsync("/api/v1/workspaces", $$"""{"name":"wrong",{{fields}}}""");
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, name)), refused.ToString());
    }

    [Test]
    public async Task Repository_BehindALinkOutOfTheAllowedDirectory_IsRefused()
    {
        var link = Path.Combine(sources.Path, "link");
        File.CreateSymbolicLink(link, "/srv");
        var refused = await Client.PostAsync("/api/v1/workspaces", $$"""{"name":"wrong","repository":"{{link}}/site"}""");
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "repository")));
    }

    private async Task AssertRunAsync(string path, string commit, string output)
    {
        var run = await EndAsync(path);
        Assert.That(((string?)run["status"], (string?)run["source"]?["commit"]), Is.EqualTo(("succeeded", commit)), run.ToJsonString());
        Assert.That(await OutputAsync(path), Is.EqualTo(new[] { output }));
    }

    private async Task AssertFailureAsync(string repository, string more, string code, string message, bool isRetryable)
    {
        var workspace = await RegisterAsync(repository, more);
        var command = await CreateAsync($$""" "kind":"local","arguments":["id"],"workspace_id":"{{workspace}}" """);
        var run = await RunAsync(command);
        Assert.That(
            ((string?)run["error"]?["code"], (bool?)run["error"]?["retryable"]),
            Is.EqualTo((code, isRetryable)),
            run.ToJsonString()
        );
        Assert.That((string?)run["error"]!["message"], Does.Contain(message).And.Not.Contain("hidden-token"));
    }

    private Task<string> RegisterAsync(string path) => PostAsync($"\"path\":\"{path}\"");

    private Task<string> RegisterAsync(string repository, string more) => PostAsync($"\"repository\":\"{repository}\",{more}");

    private async Task<string> PostAsync(string fields)
    {
        var created = await Client.PostAsync(
            "/api/v1/workspaces",
            $$"""{"name":"{{Guid.NewGuid()}}",{{fields}},"project_id":"{{Project}}"}"""
        );
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Created), created.ToString());
        return (string)created.Body!["id"]!;
    }
}
