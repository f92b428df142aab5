using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Directories;

/// <summary>Synchronization with an OpenLDAP server.</summary>
[Category("Slow")]
public sealed class LdapSyncTests : LdapTestBase
{
    [Test]
    public async Task Sync_WhenRunTwice_CreatesUsersAndRolesOnce()
    {
        var dry = await SyncAsync("?dry_run=true");
        Assert.That(dry.Log, Does.Contain("dry run").And.Contain("605 created"));
        Assert.That(await Server.ScalarAsync<long>("select count(*) from users"), Is.Zero);

        var first = await SyncAsync();
        Assert.That(
            first.Log,
            Does.Contain("605 created").And.Contain("1 skipped").And.Contain("'_starts-with-a-line' is not a valid login")
        );
        Assert.That(await UserAsync("anna"), Is.EqualTo(("anna@example.org", "Name of anna", "admin", true)));
        Assert.That(await UserAsync("eva.upper"), Is.EqualTo(("Eva.Upper@example.org", "Name of Eva.Upper", "none", true)));
        Assert.That(await RolesAsync("apples"), Is.EqualTo("ben developer, carla developer"));
        Assert.That(await RolesAsync("pears"), Is.EqualTo("dirk project_manager"));

        var (events, versions) = (
            await Server.ScalarAsync<long>("select count(*) from events where action not like 'job.%'"),
            await Server.ScalarAsync<long>("select sum(version)::bigint from users")
        );
        var second = await SyncAsync();
        Assert.That(second.Log, Does.Contain("0 created, 0 changed, 0 deactivated; roles: 0 added"));
        Assert.That(
            (
                await Server.ScalarAsync<long>("select count(*) from events where action not like 'job.%'"),
                await Server.ScalarAsync<long>("select sum(version)::bigint from users")
            ),
            Is.EqualTo((events, versions))
        );
    }

    [Test]
    public async Task Sync_WhenEntriesAreRenamedMovedAndDeleted_FollowsThem()
    {
        await SyncAsync();
        var ben = await Server.ScalarAsync<Guid>("select id from users where login = 'ben'");
        using var session = await SignInAsync("carla", "secret of carla");
        await Slapd.ModifyAsync(
            $"""
            dn: {Slapd.Name("ben")}
            changetype: modrdn
            newrdn: uid=benjamin
            deleteoldrdn: 1

            dn: {Slapd.Name("anna")}
            changetype: modrdn
            newrdn: uid=ben
            deleteoldrdn: 1

            dn: {Slapd.Name("@developers")}
            changetype: modify
            replace: member
            member: {Slapd.Name("@trainees")}

            dn: {Slapd.Name("@leads")}
            changetype: modify
            add: member
            member: {Slapd.Name("benjamin")}

            dn: {Slapd.Name("carla")}
            changetype: delete

            """
        );
        var run = await SyncAsync();
        Assert.That(
            run.Log,
            Does.Contain("vanished: carla").And.Contain("changed: ben, now benjamin").And.Contain("changed: anna, now ben")
        );
        Assert.That(await Server.ScalarAsync<string>($"select login from users where id = '{ben}'"), Is.EqualTo("benjamin"));
        Assert.That(await RolesAsync("apples"), Is.EqualTo(""));
        Assert.That(await RolesAsync("pears"), Is.EqualTo("benjamin project_manager, dirk project_manager"));
        Assert.That(
            (await session.GetAsync("/api/v1/session")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "the session of the removed user ends"
        );
        Assert.That((await UserAsync("carla")).Active, Is.False);
        using var renamed = await SignInAsync("benjamin", "secret of ben");
        Assert.That((string?)(await renamed.GetAsync("/api/v1/session")).Body!["user"]!["id"], Is.EqualTo(ben.ToString()));

        Assert.That(
            await Server.ScalarAsync<Guid>("select actor_id from events where action = 'session.opened' and actor = 'benjamin'"),
            Is.EqualTo(ben),
            "the audit identifies the user independently of the name"
        );

        // A new entry with a deleted entry's login is another person; a user who was deactivated by hand stays inactive.
        await Admin.PatchAsync($"/api/v1/users/{ben}", """{"active":false}""");
        await Slapd.ModifyAsync(
            Slapd.Person("carla").Replace("objectClass: inet", "changetype: add\nobjectClass: inet", StringComparison.Ordinal)
        );
        Assert.That((await SyncAsync()).Log, Does.Contain("the login carla belongs to another user"));
        Assert.That(((await UserAsync("carla")).Active, (await UserAsync("benjamin")).Active), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task Sync_WhenTooManyUsersDisappear_FailsAndChangesNothing()
    {
        await SyncAsync();
        await Slapd.ModifyAsync(
            string.Concat(Enumerable.Range(0, 100).Select(i => $"dn: {Slapd.Name($"many{i:000}")}\nchangetype: delete\n\n"))
                + $"dn: {Slapd.Name("anna")}\nchangetype: modify\nreplace: mail\nmail: changed@example.org\n"
        );
        var run = await SyncAsync();
        Assert.That(((string?)run.Job["status"], (string?)run.Job["error"]!["code"]), Is.EqualTo(("failed", "too_many_vanished")));
        Assert.That((string?)run.Job["error"]!["message"], Does.Contain("100 of 605"));
        Assert.That(await Server.ScalarAsync<long>("select count(*) from users where not active or email like 'changed%'"), Is.Zero);
    }

    [Test]
    public async Task Sync_WhenAllGroupsDisappear_FailsAndKeepsRoles()
    {
        await SyncAsync();
        await Slapd.ModifyAsync(
            string.Concat(
                new[] { "admins", "developers", "trainees", "leads" }.Select(g => $"dn: {Slapd.Name("@" + g)}\nchangetype: delete\n\n")
            )
        );
        var run = await SyncAsync();
        Assert.That(((string?)run.Job["status"], (string?)run.Job["error"]!["code"]), Is.EqualTo(("failed", "no_groups")));
        Assert.That((await UserAsync("anna")).Role, Is.EqualTo("admin"));
        Assert.That(await RolesAsync("apples"), Is.EqualTo("ben developer, carla developer"));
    }

    [Test]
    public async Task Sync_WhenServerIsKilled_ChangesNothingUntilTheNextAttempt()
    {
        await using var relay = new TcpProxy(new Uri(Slapd.Url).Port);
        await using var behind = await TestServer.StartAsync(Settings($"ldap://127.0.0.1:{relay.Port}"));
        var dry = await behind.Client.PostAsync("/api/v1/directory/sync?dry_run=true");
        await behind.Client.WaitForJobAsync(dry.Location!);
        var whole = relay.Answered;
        foreach (var share in new[] { 0.05, 0.3, 0.6, 0.9 })
        {
            var killed = relay.CutAsync((long)(whole * share), Slapd.KillAsync);
            var asked = await behind.Client.PostAsync("/api/v1/directory/sync");
            await killed.WaitAsync(TimeSpan.FromSeconds(20));
            await Eventually.GetAsync(
                () => behind.Client.GetAsync(asked.Location!),
                a => a.Body!["error"] is not null,
                "the attempt has failed"
            );
            Assert.That(await behind.ScalarAsync<long>("select count(*) from users"), Is.Zero, "no change was made");
            await Slapd.StartAgainAsync();
            var ended = await behind.Client.WaitForJobAsync(asked.Location!);
            Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
            Assert.That((int)ended["attempt"]!, Is.GreaterThan(1));
            Assert.That(await behind.ScalarAsync<long>("select count(*) from users"), Is.EqualTo(605));
            await behind.ExecuteAsync("delete from members; delete from identities; delete from users");
        }
    }

    [Test]
    public async Task Sync_WhenCertificateIsUntrusted_FailsAsUnavailable()
    {
        await using var distrusting = await TestServer.StartAsync(Settings(Slapd.SecureUrl, ("LDAP_CA_FILE", "/etc/hostname")));
        var asked = await distrusting.Client.PostAsync("/api/v1/directory/sync");
        await Eventually.UntilAsync(
            async () => (string?)(await distrusting.Client.GetAsync(asked.Location!)).Body!["error"]?["code"] == "directory_unavailable",
            "the untrusted server is reported"
        );
    }

    [Test]
    public async Task Sync_WhenScheduled_RunsByItself()
    {
        await using var scheduled = await TestServer.StartAsync(Settings(Slapd.Url, ("LDAP_SCHEDULE", "0/2 * * * * ?")));
        await Eventually.UntilAsync(async () => await scheduled.ScalarAsync<long>("select count(*) from users") == 605, "all users exist");
    }

    [Test]
    public async Task CreateUser_WhenWriteUsersIsOn_AddsTheEntryToTheDirectory()
    {
        await using var writing = await TestServer.StartAsync(Settings(Slapd.SecureUrl, ("LDAP_WRITE_USERS", "true")));
        var user = await writing.Client.CreateUserAsync("newcomer", ""","full_name":"New Comer","email":"new@example.org" """);
        await Eventually.UntilAsync(
            async () =>
                (string?)
                    (await writing.Client.GetAsync($"/api/v1/users/{user}/identities")).Body!["items"]!
                        .AsArray()
                        .FirstOrDefault()
                        ?["issuer"] == "ldap",
            "the user is linked to the entry"
        );
        Assert.That(await Slapd.SearchAsync("(uid=newcomer)"), Does.Contain("mail: new@example.org").And.Contain("cn: New Comer"));

        // An existing entry of that name is not taken over.
        var anna = await writing.Client.CreateUserAsync("anna");
        await Eventually.UntilAsync(
            async () =>
                (await writing.Client.GetAsync("/api/v1/jobs?kind=directory.add_user&status=failed")).Body!["items"]!.AsArray().Count == 1,
            "adding the second user fails"
        );
        Assert.That((await writing.Client.GetAsync($"/api/v1/users/{anna}/identities")).Body!["items"]!.AsArray(), Is.Empty);
    }
}
