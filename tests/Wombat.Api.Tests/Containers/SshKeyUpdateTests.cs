using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>
/// Removed keys are removed from the containers. Here containers and their keys are files.
/// </summary>
public sealed class SshKeyUpdateTests
{
    private const string Forge = """
        state="$(dirname "$0")/made"; mkdir -p "$state"; command="$1"; shift
        [ "$command" = snapshot ] && { command="snapshot-$1"; shift; }
        while [ $# -gt 0 ]; do case "$1" in --name) name="$2";; --key) key="$2";; --id) id="$2";; --ssh-key-file) keys="$2";; esac; shift 2
            done
        say() { echo "{\"id\":\"$1\",\"name\":\"$1\",\"key\":\"$(cat "$state/$1")\",\"status\":\"running\"}"; }
        case "$command" in
        health) if [ -f "$state/.sick" ]; then echo '{"healthy":false,"message":"/srv/secret is full"}'
            else echo '{"healthy":true,"message":"forge under /srv/secret, 7 containers"}'; fi;;
        templates) echo '[{"name":"quick","description":"","accepts_ssh_keys":true,"changes_ssh_keys":true}]';;
        list) sep=; printf '['; for f in "$state"/*; do case "$f" in *.keys|*'*') continue;; esac; printf '%s' "$sep"; sep=,
            say "$(basename "$f")"; done; echo ']';;
        create) if [ -n "$keys" ]; then cp "$keys" "$state/$name.keys"; else : >"$state/$name.keys"; fi; echo "$key" >"$state/$name"
            say "$name";;
        keys) [ -f "$state/.$id.broken" ] && { echo "the shell is broken" >&2; exit 1; }; cp "$keys" "$state/$id.keys"; say "$id";;
        restart) while [ -f "$state/.$id.held" ]; do sleep 0.05; done; say "$id";;
        status) say "$id";;
        snapshot-restore) cp "$state/.$id.old" "$state/$id.keys"; say "$id";;
        snapshot-*) echo '[]';;
        delete) rm -f "$state/$id" "$state/$id.keys"; echo '{"status":"deleted"}';;
        *) exit 2;;
        esac
        """;

    private TestFolder folder = null!;
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        folder = new TestFolder();
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_ENABLED"] = "true",
                ["PLUGINS_PROXMOX_CLI_PATH"] = ScriptedCli.Write(folder.Path, "forge", Forge),
                ["RECONCILER_INTERVAL_SECONDS"] = "0.2",
                ["PLUGINS_HEALTH_INTERVAL_SECONDS"] = "1",
            }
        );
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Create_WithSshKeys_LinksThemToTheMemberWhoGaveThem()
    {
        var project = await Admin.CreateProjectAsync();
        var (developer, user) = await Admin.CreateMemberAsync(project, "developer");
        var (viewer, _) = await Admin.CreateMemberAsync(project, "viewer");
        var (path, name) = await MakeAsync(developer, project, "given");
        Assert.That(KeysOf(name), Is.EqualTo("given"));

        var listed = (await viewer.GetAsync($"{path}/ssh-keys")).Body!["items"]!.AsArray().Single()!;
        Assert.That(
            ((string)listed["owner_id"]!, (string)listed["source"]!, (string)listed["comment"]!),
            Is.EqualTo((user, "container", "given"))
        );
        var audited = await server.ScalarAsync<string>(
            "select concat_ws(' ', after->>'owner_id', after->'fingerprints'->>0) from events "
                + $"where action = 'container.ssh_keys_given' and target_id = '{IdOf(path)}'"
        );
        Assert.That(audited, Is.EqualTo($"{user} {(string)listed["fingerprint"]!}"));

        await Admin.PutAsync($"/api/v1/projects/{project}/members/{user}", """{"role":"viewer"}""");
        await UntilAsync(name, "");
        await Admin.PutAsync($"/api/v1/projects/{project}/members/{user}", """{"role":"developer"}""");
        await UntilAsync(name, "given");
        await Admin.DeleteAsync($"/api/v1/projects/{project}/members/{user}");
        await UntilAsync(name, "");
        Assert.That(
            await server.ScalarAsync<long>(
                $"select count(*) from events where action = 'container.ssh_keys_removed' and target_id = '{IdOf(path)}'"
            ),
            Is.EqualTo(1)
        );
        await Admin.PostAsync($"/api/v1/projects/{project}/members", $$"""{"user_id":"{{user}}","role":"developer"}""");
        Assert.That(
            (await viewer.GetAsync($"{path}/ssh-keys")).Body!["items"]!.AsArray(),
            Is.Empty,
            "a user who becomes a member again has no old keys"
        );
    }

    [Test]
    public async Task RevokeToken_WhenServiceAccountGaveKeys_RemovesThem()
    {
        var project = await Admin.CreateProjectAsync();
        var token = (await Admin.PostAsync($"/api/v1/projects/{project}/tokens", """{"name":"ci","scopes":["manage"]}""")).Body!;
        using var ci = Admin.With((string)token["token"]!);
        var (path, name) = await MakeAsync(ci, project, "machine");
        Assert.That((string)(await ci.GetAsync($"{path}/ssh-keys")).Body!["items"]![0]!["owner"]!, Is.EqualTo("ci"));
        Assert.That(KeysOf(name), Is.EqualTo("machine"));
        await Admin.DeleteAsync($"/api/v1/projects/{project}/tokens/{token["id"]}");
        await UntilAsync(name, "");
    }

    [Test]
    public async Task Restore_OfASnapshotWithRemovedKeys_RemovesThemAgain()
    {
        var project = await Admin.CreateProjectAsync();
        var (developer, user) = await Admin.CreateMemberAsync(project, "developer");
        var (path, name) = await MakeAsync(developer, project, "restored");
        var keys = Path.Combine(folder.Path, "made", $"{name}.keys");
        File.Copy(keys, Path.Combine(folder.Path, "made", $".{name}.old"));
        await Admin.PutAsync($"/api/v1/projects/{project}/members/{user}", """{"role":"viewer"}""");
        await UntilAsync(name, "");

        var restore = await Admin.PostAsync($"{path}/snapshots/before/restore");
        Assert.That((string)(await Admin.WaitForJobAsync(restore.Location!))["status"]!, Is.EqualTo("succeeded"));
        await UntilAsync(name, "");
    }

    [Test]
    public async Task KeyUpdate_WhenRestartsAreQueued_RunsBeforeThem()
    {
        var project = await Admin.CreateProjectAsync();
        var (manager, _) = await Admin.CreateMemberAsync(project, "project_manager");
        var (developer, user) = await Admin.CreateMemberAsync(project, "developer");
        var (path, name) = await MakeAsync(developer, project, "leaver");
        var held = Path.Combine(folder.Path, "made", $".{name}.held");
        await File.WriteAllTextAsync(held, "");
        var restarts = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            restarts.Add((await developer.PostAsync($"{path}/restart")).Location!);
        }

        await Admin.WaitAsync(restarts[0], "status", TimeSpan.FromSeconds(20), "running");
        for (var i = 0; i < 3; i++)
        {
            await Admin.CreateMemberAsync(project, "developer");
        }

        await Admin.DeleteAsync($"/api/v1/projects/{project}/members/{user}");
        var update = (await Admin.GetAsync($"/api/v1/jobs?project_id={project}&kind=resource.keys&status=queued")).Body!["items"]!
            .AsArray()
            .Single()!;
        foreach (var client in new[] { manager, developer })
        {
            Assert.That(
                (await client.PostAsync($"/api/v1/jobs/{update["id"]}/cancel")).Status,
                Is.AnyOf(HttpStatusCode.Forbidden, HttpStatusCode.NotFound)
            );
        }

        Assert.That((string)(await manager.GetAsync($"/api/v1/jobs/{update["id"]}")).Body!["status"]!, Is.EqualTo("queued"));
        File.Delete(held);
        await UntilAsync(name, "");
        var ended = await Admin.WaitForJobAsync($"/api/v1/jobs/{update["id"]}");
        var second = await Admin.WaitForJobAsync(restarts[1]);
        Assert.That(
            string.CompareOrdinal((string)ended["finished_at"]!, (string)second["started_at"]!),
            Is.LessThanOrEqualTo(0),
            "the restarts wait for the key update"
        );
    }

    [Test]
    public async Task KeyUpdate_WhenItFails_IsAnEventAndIsRepeatedByTheReconciler()
    {
        var project = await Admin.CreateProjectAsync();
        var (developer, user) = await Admin.CreateMemberAsync(project, "developer");
        var (gone, _) = await MakeAsync(Admin, project, "gone");
        await server.ExecuteAsync($"update resources set plugin = 'removed' where id = '{IdOf(gone)}'");
        var (path, name) = await MakeAsync(developer, project, "stays");
        var broken = Path.Combine(folder.Path, "made", $".{name}.broken");
        await File.WriteAllTextAsync(broken, "");
        await Admin.DeleteAsync($"/api/v1/projects/{project}/members/{user}");
        var failed =
            "select count(*) from events where action = 'job.failed' and outcome = 'failure' "
            + $"and after->>'kind' = 'resource.keys' and after->>'resource_id' = '{IdOf(path)}'";
        await Eventually.UntilAsync(async () => await server.ScalarAsync<long>(failed) > 0, "the failure is an event");
        Assert.That(KeysOf(name), Is.EqualTo("stays"));
        Assert.That(
            (string)(await Admin.GetAsync(path)).Body!["status"]!,
            Is.EqualTo("running"),
            "the status of the container does not change"
        );
        File.Delete(broken);
        await UntilAsync(name, "");
    }

    [Test]
    public async Task SshKeyComment_WhenTooLong_IsRejectedOrCut()
    {
        var project = await Admin.CreateProjectAsync();
        var (developer, user) = await Admin.CreateMemberAsync(project, "developer");
        var refused = await developer.PostAsync(
            $"/api/v1/users/{user}/ssh-keys",
            $$"""{"public_key":"{{SshTestKey.Line("k", new string('c', 201))}}"}"""
        );
        Assert.That(
            (refused.Status, refused.ErrorFields.SingleOrDefault()),
            Is.EqualTo((HttpStatusCode.BadRequest, "public_key")),
            refused.ToString()
        );
        Assert.That(
            (
                await developer.PostAsync(
                    $"/api/v1/users/{user}/ssh-keys",
                    $$"""{"public_key":"{{SshTestKey.Line("k", new string('c', 200))}}"}"""
                )
            ).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );
        await server.ExecuteAsync($"update ssh_keys set public_key = public_key || repeat('d', 16000) where user_id = '{user}'");
        var (_, name) = await MakeAsync(Admin, project, "own");
        await UntilAsync(name, $"{new string('c', 200)} own");
    }

    [Test]
    public async Task ListPlugins_WhenCallerIsNoAdmin_HidesDetails()
    {
        await Eventually.UntilAsync(
            async () => (await Admin.GetAsync("/api/v1/plugins")).Text.Contains("/srv/secret, 7 containers", StringComparison.Ordinal),
            "the plugin was checked"
        );
        var (user, _) = await Admin.CreateMemberAsync();
        var shown = (await user.GetAsync("/api/v1/plugins")).Body!["items"]!.AsArray().Single(p => (string)p!["name"]! == "proxmox")!;
        Assert.That((string)shown["health"]!["status"]!, Is.EqualTo("healthy"));
        Assert.That(shown.ToJsonString(), Does.Not.Contain("secret").And.Not.Contain("7 containers"));
    }

    [Test]
    public async Task Plan_WhenPluginIsUnhealthy_HidesDetailsFromNonAdmins()
    {
        var project = await Admin.CreateProjectAsync();
        var (developer, _) = await Admin.CreateMemberAsync(project, "developer");
        var sick = Path.Combine(folder.Path, "made", ".sick");
        Directory.CreateDirectory(Path.GetDirectoryName(sick)!);
        await File.WriteAllTextAsync(sick, "");
        try
        {
            var plan = $"/api/v1/projects/{project}/containers/plan";
            await Eventually.UntilAsync(
                async () =>
                    (await Admin.PostAsync(plan, """{"template":"quick"}""")).Text.Contains(
                        "/srv/secret is full",
                        StringComparison.Ordinal
                    ),
                "the plugin was checked"
            );
            var shown = await developer.PostAsync(plan, """{"template":"quick"}""");
            Assert.That((string)shown.Body!["objections"]![0]!["field"]!, Is.EqualTo("plugin"), shown.ToString());
            Assert.That(shown.Text, Does.Not.Contain("secret"));
        }
        finally
        {
            File.Delete(sick);
            await Eventually.UntilAsync(
                async () => (await Admin.GetAsync("/api/v1/plugins")).Text.Contains("7 containers", StringComparison.Ordinal),
                "the plugin is healthy again"
            );
        }
    }

    private async Task<(string Path, string Name)> MakeAsync(WombatClient client, string project, string key)
    {
        var (path, job) = await client.CreateContainerAsync(project, "quick", $$""","ssh_keys":["{{SshTestKey.Line(key, key)}}"]""");
        Assert.That(
            (string)(await Admin.WaitForJobAsync(job))["status"]!,
            Is.EqualTo("succeeded"),
            (await Admin.GetAsync($"{job}/log")).Text
        );
        return (path, (string)(await Admin.GetAsync(path)).Body!["external_id"]!);
    }

    // The comments in the container's file, in alphabetical order.
    private string KeysOf(string name) =>
        string.Join(
            ' ',
            File.ReadAllLines(Path.Combine(folder.Path, "made", $"{name}.keys"))
                .Where(l => l.Length > 0)
                .Select(l => l.Split(' ')[2])
                .Order(StringComparer.Ordinal)
        );

    private Task UntilAsync(string name, string keys) => Eventually.UntilAsync(() => KeysOf(name) == keys, $"the keys are '{keys}'");

    private static string IdOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
