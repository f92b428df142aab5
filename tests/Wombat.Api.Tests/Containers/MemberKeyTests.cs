using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Members who may operate a project's containers can log in to them, and no others.</summary>
[Category("Slow")]
public sealed class MemberKeyTests
{
    private TestFolder folder = null!;
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        // The real forge, with busybox as a template that accepts keys: a real distribution takes minutes.
        folder = new TestFolder();
        var cli = ScriptedCli.Write(
            folder.Path,
            "forge",
            $$"""
            forge="{{WombatProcess.Forge()}}"
            if [ "$1" = templates ]; then echo '[{"name":"busybox","description":"","accepts_ssh_keys":true,"changes_ssh_keys":true},
            {"name":"fixed","description":"","accepts_ssh_keys":false,"changes_ssh_keys":false}]'; exit; fi
            [ "$1" = create ] || exec "$forge" "$@"
            arguments=() keys=
            while [ $# -gt 0 ]; do if [ "$1" = --ssh-key-file ]; then keys="$2"; shift 2; else arguments+=("$1"); shift; fi; done
            answer="$("$forge" "${arguments[@]}")" || exit $?
            if [ -n "$keys" ]; then "$forge" keys --id "$(jq -r .id <<<"$answer")" --ssh-key-file "$keys" >/dev/null || exit $?; fi
            echo "$answer"
            """
        );
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_ENABLED"] = "true",
                ["PLUGINS_PROXMOX_CLI_PATH"] = cli,
            }
        );
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await Lxc.DestroyAllAsync(server.DataDirectory);
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task MemberKeys_WhenMembersChange_AreUpdatedInContainers()
    {
        var project = await Admin.CreateProjectAsync();
        await MemberAsync(project, "project_manager", "manager");
        await MemberAsync(project, "viewer", "viewer");
        var developer = await MemberAsync(project, "developer", "developer");
        var (path, job) = await Admin.CreateContainerAsync(project, more: $$""","ssh_keys":["{{Key("own")}}"]""");
        Assert.That(
            (string?)(await Admin.WaitForJobAsync(job))["status"],
            Is.EqualTo("succeeded"),
            (await Admin.GetAsync($"{job}/log")).Text
        );
        var name = (string)(await Admin.GetAsync(path)).Body!["external_id"]!;
        Assert.That(await KeysAsync(name), Is.EqualTo("developer manager own"));

        var late = await MemberAsync(project, "developer", "late");
        await UntilAsync(name, "developer late manager own");
        await Admin.PutAsync($"/api/v1/projects/{project}/members/{late}", """{"role":"viewer"}""");
        await UntilAsync(name, "developer manager own");
        await Admin.PostAsync($"/api/v1/users/{developer}/ssh-keys", $$"""{"public_key":"{{Key("second")}}"}""");
        await UntilAsync(name, "developer manager own second");
        await Admin.PatchAsync($"/api/v1/users/{developer}", """{"active":false}""");
        await UntilAsync(name, "manager own");

        // A change while it is stopped is applied at the start.
        await Admin.WaitForJobAsync((await Admin.PostAsync($"{path}/stop")).Location!);
        await Admin.PatchAsync($"/api/v1/users/{developer}", """{"active":true}""");
        await Admin.WaitForJobAsync((await Admin.PostAsync($"{path}/start")).Location!);
        await UntilAsync(name, "developer manager own second");
        await Admin.DeleteAsync($"/api/v1/projects/{project}/members/{developer}");
        await UntilAsync(name, "manager own");
    }

    [Test]
    public async Task KeyUpdate_WhenContainerReplacedTheFolderByALink_WritesNothingOutside()
    {
        var project = await Admin.CreateProjectAsync();
        await MemberAsync(project, "project_manager", "manager-of-traps");
        var (path, job) = await Admin.CreateContainerAsync(project);
        await Admin.WaitForJobAsync(job);
        var name = (string)(await Admin.GetAsync(path)).Body!["external_id"]!;
        var trap = Path.Combine(folder.Path, "trap");
        Directory.CreateDirectory(trap);
        var root = Path.Combine(server.DataDirectory, "lxc", name, "rootfs", "root");
        Directory.Delete(Path.Combine(root, ".ssh"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(root, ".ssh"), trap);
        await MemberAsync(project, "developer", "newcomer");
        await Eventually.GetAsync(
            () => Admin.GetAsync($"/api/v1/jobs?project_id={project}&kind=resource.keys"),
            a => a.Body!["items"]!.AsArray().Any(j => j!["error"] is not null || (string?)j["status"] == "succeeded"),
            "the key update was attempted"
        );
        Assert.That(Directory.EnumerateFileSystemEntries(trap), Is.Empty);
    }

    private async Task<string> MemberAsync(string project, string role, string key)
    {
        var user = (await Admin.CreateMemberAsync(project, role)).User;
        var added = await Admin.PostAsync($"/api/v1/users/{user}/ssh-keys", $$"""{"public_key":"{{Key(key)}}"}""");
        Assert.That((int)added.Status, Is.EqualTo(201), added.ToString());
        return user;
    }

    // The comments in the file, in alphabetical order.
    private async Task<string> KeysAsync(string name)
    {
        var file = await Lxc.RunAsync(
            "lxc-attach",
            "-P",
            Path.Combine(server.DataDirectory, "lxc"),
            "-n",
            name,
            "--",
            "/bin/cat",
            "/root/.ssh/authorized_keys2"
        );
        return string.Join(
            ' ',
            file.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(l => l[0] != '#')
                .Select(l => l.Split(' ')[2])
                .Order(StringComparer.Ordinal)
        );
    }

    private Task UntilAsync(string name, string keys) =>
        Eventually.GetAsync(() => KeysAsync(name), found => found == keys, $"the container has the keys '{keys}'");

    private static string Key(string comment) => SshTestKey.Line(comment, comment);
}
