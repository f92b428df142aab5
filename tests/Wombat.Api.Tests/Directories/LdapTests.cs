using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Directories;

/// <summary>Sync with a real slapd, and signing in by its passwords.</summary>
[Category("Slow")]
public sealed class LdapTests
{
    private Slapd slapd = null!;
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [SetUp]
    public async Task Start()
    {
        slapd = await Slapd.StartAsync(
            string.Concat([
                .. new[] { "anna", "ben", "carla", "dirk", "Eva.Upper" }.Select(l => Slapd.Person(l)),
                Slapd.Person("_starts-with-a-line"),
                Slapd.Group("admins", "anna"),
                Slapd.Group("developers", "ben", "@trainees"),
                Slapd.Group("trainees", "carla", "@developers"),
                Slapd.Group("leads", "dirk"),
                .. Enumerable.Range(0, 600).Select(i => Slapd.Person($"many{i:000}")),
            ])
        );
        server = await TestServer.StartAsync(Settings(slapd.Url));
        foreach (var project in new[] { "apples", "pears" })
        {
            await Admin.CreateProjectAsync(project);
        }
    }

    [TearDown]
    public async Task Stop()
    {
        // Also when the server did not start: a directory must not go on after its test.
        await using var directory = slapd;
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    [Test]
    public async Task Sync_WhenRunTwice_CreatesUsersAndRolesOnce()
    {
        var dry = await SyncAsync("?dry_run=true");
        Assert.That(dry.Log, Does.Contain("dry run").And.Contain("605 created"));
        Assert.That(await server.ScalarAsync<long>("select count(*) from users"), Is.Zero);

        var first = await SyncAsync();
        Assert.That(
            first.Log,
            Does.Contain("605 created").And.Contain("1 skipped").And.Contain("'_starts-with-a-line' cannot be a login here")
        );
        Assert.That(await UserAsync("anna"), Is.EqualTo(("anna@example.org", "Name of anna", "admin", true)));
        Assert.That(await UserAsync("eva.upper"), Is.EqualTo(("Eva.Upper@example.org", "Name of Eva.Upper", "none", true)));
        Assert.That(await RolesAsync("apples"), Is.EqualTo("ben developer, carla developer"));
        Assert.That(await RolesAsync("pears"), Is.EqualTo("dirk project_manager"));

        var (events, versions) = (
            await server.ScalarAsync<long>("select count(*) from events where action not like 'job.%'"),
            await server.ScalarAsync<long>("select sum(version)::bigint from users")
        );
        var second = await SyncAsync();
        Assert.That(second.Log, Does.Contain("0 created, 0 changed, 0 deactivated; roles: 0 given"));
        Assert.That(
            (
                await server.ScalarAsync<long>("select count(*) from events where action not like 'job.%'"),
                await server.ScalarAsync<long>("select sum(version)::bigint from users")
            ),
            Is.EqualTo((events, versions))
        );
    }

    [Test]
    public async Task Sync_WhenEntriesAreRenamedMovedAndDeleted_FollowsThem()
    {
        await SyncAsync();
        var ben = await server.ScalarAsync<Guid>("select id from users where login = 'ben'");
        using var session = await SignInAsync("carla", "secret of carla");
        await slapd.ModifyAsync(
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
        Assert.That(await server.ScalarAsync<string>($"select login from users where id = '{ben}'"), Is.EqualTo("benjamin"));
        Assert.That(await RolesAsync("apples"), Is.EqualTo(""));
        Assert.That(await RolesAsync("pears"), Is.EqualTo("benjamin project_manager, dirk project_manager"));
        Assert.That(
            (await session.GetAsync("/api/v1/session")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "the vanished one's session ends"
        );
        Assert.That((await UserAsync("carla")).Active, Is.False);
        using var renamed = await SignInAsync("benjamin", "secret of ben");
        Assert.That((string?)(await renamed.GetAsync("/api/v1/session")).Body!["user"]!["id"], Is.EqualTo(ben.ToString()));

        Assert.That(
            await server.ScalarAsync<Guid>("select actor_id from events where action = 'session.opened' and actor = 'benjamin'"),
            Is.EqualTo(ben),
            "the audit knows who it is by whatever name"
        );

        // Another person by the vanished one's name is another person; who is deactivated by hand stays so.
        await Admin.PatchAsync($"/api/v1/users/{ben}", """{"active":false}""");
        await slapd.ModifyAsync(
            Slapd.Person("carla").Replace("objectClass: inet", "changetype: add\nobjectClass: inet", StringComparison.Ordinal)
        );
        Assert.That((await SyncAsync()).Log, Does.Contain("the login carla is another user's"));
        Assert.That(((await UserAsync("carla")).Active, (await UserAsync("benjamin")).Active), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task Sync_WhenTooManyUsersDisappear_FailsAndChangesNothing()
    {
        await SyncAsync();
        await slapd.ModifyAsync(
            string.Concat(Enumerable.Range(0, 100).Select(i => $"dn: {Slapd.Name($"many{i:000}")}\nchangetype: delete\n\n"))
                + $"dn: {Slapd.Name("anna")}\nchangetype: modify\nreplace: mail\nmail: changed@example.org\n"
        );
        var run = await SyncAsync();
        Assert.That(((string?)run.Job["status"], (string?)run.Job["error"]!["code"]), Is.EqualTo(("failed", "too_many_vanished")));
        Assert.That((string?)run.Job["error"]!["message"], Does.Contain("100 of 605"));
        Assert.That(await server.ScalarAsync<long>("select count(*) from users where not active or email like 'changed%'"), Is.Zero);
    }

    [Test]
    public async Task Sync_WhenAllGroupsDisappear_FailsAndKeepsRoles()
    {
        await SyncAsync();
        await slapd.ModifyAsync(
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
        await using var relay = new TcpProxy(new Uri(slapd.Url).Port);
        await using var behind = await TestServer.StartAsync(Settings($"ldap://127.0.0.1:{relay.Port}"));
        var dry = await behind.Client.PostAsync("/api/v1/directory/sync?dry_run=true");
        await behind.Client.WaitForJobAsync(dry.Location!);
        var whole = relay.Answered;
        foreach (var share in new[] { 0.05, 0.3, 0.6, 0.9 })
        {
            var killed = relay.CutAsync((long)(whole * share), slapd.KillAsync);
            var asked = await behind.Client.PostAsync("/api/v1/directory/sync");
            await killed.WaitAsync(TimeSpan.FromSeconds(20));
            await Eventually.GetAsync(
                () => behind.Client.GetAsync(asked.Location!),
                a => a.Body!["error"] is not null,
                "the attempt has failed"
            );
            Assert.That(await behind.ScalarAsync<long>("select count(*) from users"), Is.Zero, "nothing half done");
            await slapd.StartAgainAsync();
            var ended = await behind.Client.WaitForJobAsync(asked.Location!);
            Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
            Assert.That((int)ended["attempt"]!, Is.GreaterThan(1));
            Assert.That(await behind.ScalarAsync<long>("select count(*) from users"), Is.EqualTo(605));
            await behind.ExecuteAsync("delete from members; delete from identities; delete from users");
        }
    }

    [Test]
    public async Task SignIn_ByBind_AcceptsOnlyTheRightPassword()
    {
        await SyncAsync();
        using (var session = await SignInAsync("dirk", "secret of dirk"))
        {
            Assert.That((string?)(await session.GetAsync("/api/v1/session")).Body!["name"], Is.EqualTo("dirk"));
        }

        using var nobody = Admin.With(token: null);
        foreach (
            var (login, password) in new[]
            {
                ("dirk", "wrong password here"),
                ("dirk", " "),
                ("dirk", "\0"),
                ("dirk", "\0secret of dirk"),
                ("dirk", "secret of dirk\0"),
                ("dirk\0", "secret of dirk"),
                ("*", "secret of dirk"),
                ("dirk)(uid=*", "secret of dirk"),
                ("ghost", "secret of ghost"),
                ("_starts-with-a-line", "secret of _starts-with-a-line"),
            }
        )
        {
            Assert.That((int)(await nobody.SignInAsync(login, password)).Status, Is.EqualTo(401).Or.EqualTo(400), $"{login}/{password}");
        }

        Assert.That(
            await server.ScalarAsync<long>("select count(*) from events where action = 'session.opened' and after->>'method' = 'ldap'"),
            Is.EqualTo(1)
        );

        // While the directory is away, that is what is said, and nobody is locked out for it.
        await slapd.KillAsync();
        for (var i = 0; i < 25; i++)
        {
            var away = await nobody.SignInAsync(i % 2 == 0 ? "dirk" : "ben", "secret of dirk");
            Assert.That((away.Status, away.Code), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "directory_unavailable")), $"try {i}");
        }

        await slapd.StartAgainAsync();
        using var back = await SignInAsync("ben", "secret of ben");
    }

    [Test]
    public async Task SignIn_WhenDirectoryIsUnavailable_Is503UnlessLocalPasswordMatches()
    {
        await Admin.CreateUserAsync("local", ""","password":"violet-Rain-81-local" """);
        await slapd.KillAsync();
        using var nobody = Admin.With(token: null);
        foreach (var login in new[] { "local", "dirk", "unknown" })
        {
            Assert.That((await nobody.SignInAsync(login, "a wrong password")).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), login);
        }

        using var session = await SignInAsync("local", "violet-Rain-81-local");
    }

    [TestCase("ldap")]
    [TestCase("ldaps")]
    public async Task SignIn_WhenDirectoryHangs_Is503AfterTheConfiguredTimeout(string scheme)
    {
        await using var impatient = await TestServer.StartAsync(
            Settings(scheme == "ldap" ? slapd.Url : slapd.SecureUrl, ("LDAP_TIMEOUT_SECONDS", "2"))
        );
        await slapd.HangAsync();
        var from = TimeProvider.System.GetTimestamp();
        using var nobody = impatient.Client.With(token: null);
        var answer = await nobody.SignInAsync("dirk", "secret of dirk");
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "directory_unavailable")));
        var asked = await impatient.Client.PostAsync("/api/v1/directory/sync");
        await Eventually.UntilAsync(
            async () => (string?)(await impatient.Client.GetAsync(asked.Location!)).Body!["error"]?["code"] == "directory_unavailable",
            "the job says so"
        );
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public async Task CreateUser_WhenWriteUsersIsOn_AddsTheEntryToTheDirectory()
    {
        await using var writing = await TestServer.StartAsync(Settings(slapd.SecureUrl, ("LDAP_WRITE_USERS", "true")));
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
        Assert.That(await slapd.SearchAsync("(uid=newcomer)"), Does.Contain("mail: new@example.org").And.Contain("cn: New Comer"));

        // Somebody else's entry of that name is not taken over.
        var anna = await writing.Client.CreateUserAsync("anna");
        await Eventually.UntilAsync(
            async () =>
                (await writing.Client.GetAsync("/api/v1/jobs?kind=directory.add_user&status=failed")).Body!["items"]!.AsArray().Count == 1,
            "the second adding fails"
        );
        Assert.That((await writing.Client.GetAsync($"/api/v1/users/{anna}/identities")).Body!["items"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Sync_WhenCertificateIsUntrusted_FailsAsUnavailable()
    {
        await using var distrusting = await TestServer.StartAsync(Settings(slapd.SecureUrl, ("LDAP_CA_FILE", "/etc/hostname")));
        var asked = await distrusting.Client.PostAsync("/api/v1/directory/sync");
        await Eventually.UntilAsync(
            async () => (string?)(await distrusting.Client.GetAsync(asked.Location!)).Body!["error"]?["code"] == "directory_unavailable",
            "the untrusted server is told of"
        );
    }

    [Test]
    public async Task Sync_WhenScheduled_RunsByItself()
    {
        await using var scheduled = await TestServer.StartAsync(Settings(slapd.Url, ("LDAP_SCHEDULE", "0/2 * * * * ?")));
        await Eventually.UntilAsync(
            async () => await scheduled.ScalarAsync<long>("select count(*) from users") == 605,
            "all users are there"
        );
    }

    private Dictionary<string, string> Settings(string url, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LDAP_URL"] = url,
            ["LDAP_CA_FILE"] = slapd.CaFile,
            ["LDAP_BIND_DN"] = Slapd.Reader,
            ["LDAP_BIND_PASSWORD"] = Slapd.ReaderPassword,
            ["LDAP_USER_BASE"] = $"ou=people,{Slapd.Root}",
            ["LDAP_GROUP_BASE"] = $"ou=groups,{Slapd.Root}",
            ["LDAP_ROLES"] =
                $"""["admins -> admin","CN=Developers, OU=groups,{Slapd.Root} -> apples:developer","leads -> pears:project_manager"]""",
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }

    private async Task<(JsonNode Job, string Log)> SyncAsync(string query = "")
    {
        var asked = await Admin.PostAsync($"/api/v1/directory/sync{query}");
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        var job = await Admin.WaitForJobAsync(asked.Location!);
        return (job, (await Admin.GetAsync($"{asked.Location}/log")).Text);
    }

    private async Task<WombatClient> SignInAsync(string login, string password)
    {
        using var nobody = Admin.With(token: null);
        var opened = await nobody.SignInAsync(login, password);
        Assert.That(opened.Status, Is.EqualTo(HttpStatusCode.Created), opened.ToString());
        return nobody.In(opened);
    }

    private async Task<(string? Email, string? FullName, string? Role, bool Active)> UserAsync(string login)
    {
        var user = (await Admin.GetAsync($"/api/v1/users?q={login}")).Body!["items"]!.AsArray().Single(u => (string?)u!["login"] == login)!;
        return ((string?)user["email"], (string?)user["full_name"], (string?)user["platform_role"], (bool)user["active"]!);
    }

    private Task<string?> RolesAsync(string project) =>
        server.ScalarAsync<string>(
            "select coalesce(string_agg(u.login || ' ' || m.role, ', ' order by u.login), '') from members m join users u "
                + $"on u.id = m.user_id join projects p on p.id = m.project_id where p.unix_name = '{project}'"
        );
}
