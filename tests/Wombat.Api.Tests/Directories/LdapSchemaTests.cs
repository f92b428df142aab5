using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Directories;

/// <summary>Directories with an unusual schema, and entries that fit only partly.</summary>
[Category("Slow")]
public sealed class LdapSchemaTests
{
    private const string Own = "violet-Rain-81-local";

    private static readonly string People = string.Concat(
        Slapd.Person("anna"),
        Slapd.Person("10042"),
        Slapd.Person("hana@ex.test"),
        Slapd.Person("carl"),
        Slapd.Person("bea").Replace("mail: bea@example.org", "mail: bea at ex.test", StringComparison.Ordinal),
        $"dn: cn=ops\\2C night,ou=groups,{Slapd.Root}\nobjectClass: groupOfNames\ncn: ops, night\nmember: UID=Anna , "
            + $"OU=People,{Slapd.Root}\n\n",
        $"dn: cn=unix,ou=groups,{Slapd.Root}\nobjectClass: posixGroup\ncn: unix\ngidNumber: 1000\nmemberUid: Anna\nmemberUid: "
            + "hana@ex.test\nmemberUid: root\n\n",
        string.Concat(Enumerable.Range(0, 120).Select(i => Slapd.Person($"many{i:000}")))
    );

    [Test]
    public async Task Sync_WhenNamesAreSpelledDifferently_ComparesThemByValue()
    {
        await using var slapd = await Slapd.StartAsync(People, "size.pr=50");
        await using var server = await StartAsync(
            slapd,
            ("LDAP_PAGE_SIZE", "50"),
            ("LDAP_ROLES", $"""["cn=ops\\, night,ou=groups,{Slapd.Root} -> apples:viewer"]""")
        );
        await server.Client.CreateProjectAsync("apples");
        var run = await SyncAsync(server);
        Assert.That(
            run.Log,
            Does.Contain("125 created")
                .And.Contain("2 skipped")
                .And.Contain("the e-mail address 'bea at ex.test' is ignored")
                .And.Not.Contain("warning")
        );
        Assert.That(
            await server.ScalarAsync<string>("select login || ' ' || role from members m join users u on u.id = m.user_id"),
            Is.EqualTo("anna viewer")
        );
        Assert.That(
            await server.ScalarAsync<string>("select full_name || coalesce(email, ' without') from users where login = 'bea'"),
            Is.EqualTo("Name of bea without")
        );
        using var nobody = server.Client.With(token: null);
        foreach (
            var (login, password) in new[]
            {
                ("10042", "10042"),
                ("hana", "hana@ex.test"),
                ("hana@ex.test", "hana@ex.test"),
                ("HANA@ex.test ", "hana@ex.test"),
                ("ＡＮＮＡ", "anna"),
            }
        )
        {
            Assert.That((await nobody.SignInAsync(login, $"secret of {password}")).Status, Is.EqualTo(HttpStatusCode.Created), login);
        }
    }

    [Test]
    public async Task Sync_WhenServerRefusesPaging_ReadsWithoutPages()
    {
        await using var slapd = await Slapd.StartAsync(People, "size.prtotal=disabled");
        await using var server = await StartAsync(slapd);
        Assert.That((await SyncAsync(server)).Log, Does.Contain("125 created"));
        using var nobody = server.Client.With(token: null);
        Assert.That((await nobody.SignInAsync("anna", "secret of anna")).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task Sync_WhenPageSizeExceedsTheServersLimit_NamesTheSetting()
    {
        await using var slapd = await Slapd.StartAsync(People, "size=60 size.pr=50");
        await using var server = await StartAsync(slapd);
        var asked = await server.Client.PostAsync("/api/v1/directory/sync");
        await Eventually.UntilAsync(
            async () =>
                ((string?)(await server.Client.GetAsync(asked.Location!)).Body!["error"]?["message"])?.Contains(
                    "ldap.page_size",
                    StringComparison.Ordinal
                ) == true,
            "the setting is named"
        );
        using var nobody = server.Client.With(token: null);
        Assert.That(
            (await nobody.SignInAsync("anna", "secret of anna")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "the directory knows the user, although no synchronization ran"
        );
    }

    [Test]
    public async Task Sync_WhenGroupListsLogins_GrantsRoles()
    {
        await using var slapd = await Slapd.StartAsync(People);
        await using var server = await StartAsync(
            slapd,
            ("LDAP_ATTRIBUTES_MEMBER", "memberUid"),
            ("LDAP_ROLES", """["unix -> apples:viewer"]""")
        );
        await server.Client.CreateProjectAsync("apples");
        Assert.That((await SyncAsync(server)).Log, Does.Contain("2 added").And.Not.Contain("warning"));
        Assert.That(
            await server.ScalarAsync<string>(
                "select string_agg(login || ' ' || role, ', ' order by login) from members m join users u on u.id = m.user_id"
            ),
            Is.EqualTo("anna viewer, hana viewer")
        );
    }

    [Test]
    public async Task Sync_WhenSettingsMatchNothing_WarnsInTheLog()
    {
        await using var slapd = await Slapd.StartAsync(People);
        await using var server = await StartAsync(
            slapd,
            ("LDAP_GROUP_FILTER", "(cn=unix)"),
            ("LDAP_ATTRIBUTES_MEMBER", "uniqueMember"),
            ("LDAP_ROLES", """["unix -> apples:viewer","ghosts -> pears:viewer"]""")
        );
        var run = await SyncAsync(server);
        Assert.That(
            run.Log,
            Does.Contain("warning: the group unix has no attribute uniqueMember")
                .And.Contain("warning: the group ghosts of ldap.roles was not found")
                .And.Contain("the project pears, which does not exist")
        );
    }

    [Test]
    public async Task Sync_WhenGroupMembersAreNotReadable_KeepsRoles()
    {
        await using var open = await Slapd.StartAsync(People);
        var mapping = ("LDAP_ROLES", """["ops, night -> apples:viewer"]""");
        await using var server = await StartAsync(open, mapping);
        await server.Client.CreateProjectAsync("apples");
        Assert.That((await SyncAsync(server)).Log, Does.Contain("1 added"));
        await using var closed = await Slapd.StartAsync(
            People,
            access: "access to attrs=member by dn.exact=\"" + Slapd.Reader + "\" none by * none"
        );
        await using var again = await StartAsync(closed, share: server, mapping);

        // The other directory's worker must not take the job.
        await server.App.StopAsync();
        var asked = await again.Client.PostAsync("/api/v1/directory/sync");
        await Eventually.UntilAsync(
            async () =>
                ((string?)(await again.Client.GetAsync(asked.Location!)).Body!["error"]?["message"])?.Contains(
                    "without members",
                    StringComparison.Ordinal
                ) == true,
            "the hidden members are reported"
        );
        Assert.That(await again.ScalarAsync<long>("select count(*) from members"), Is.EqualTo(1));
    }

    [Test]
    public async Task SignIn_WhenLoginIsSpelledDifferently_FindsTheSameAccount()
    {
        await using var slapd = await Slapd.StartAsync(People);
        await using var server = await StartAsync(slapd);
        await SyncAsync(server);
        var carl = await server.ScalarAsync<Guid>("select id from users where login = 'carl'");
        await server.Client.PutAsync($"/api/v1/users/{carl}/password", $$"""{"new_password":"{{Own}}"}""");
        using var nobody = server.Client.With(token: null);
        foreach (var login in new[] { "carl", "Carl", "CARL", " carl" })
        {
            Assert.That((await nobody.SignInAsync(login, Own)).Status, Is.EqualTo(HttpStatusCode.Created), login);
            Assert.That(
                (await nobody.SignInAsync(login, "secret of carl")).Status,
                Is.EqualTo(HttpStatusCode.Unauthorized),
                $"{login} has a password in Wombat"
            );
        }
    }

    [Test]
    public async Task SignIn_WhenLoginIsSpelledDifferently_SharesTheFailureCounter()
    {
        await using var slapd = await Slapd.StartAsync(People);
        await using var server = await StartAsync(slapd);
        await SyncAsync(server);
        await server.ExecuteAsync(
            """
            create function long_wait() returns trigger language plpgsql as
            'begin new.wait_until = greatest(new.wait_until, now() + interval ''1 minute''); return new; end';
            create trigger long_wait before insert or update on sign_in_failures for each row
                when (new.wait_until > now()) execute function long_wait()
            """
        );
        using var nobody = server.Client.With(token: null);
        foreach (var login in new[] { "Hana@ex.test", "hana", "HANA@EX.TEST", "hana ", "ｈana" })
        {
            Assert.That((await nobody.SignInAsync(login, "a wrong password")).Status, Is.EqualTo(HttpStatusCode.Unauthorized), login);
        }

        foreach (var login in new[] { "hana", "hana@ex.test", " hana", "hana  ", "ＨＡＮＡ@ex.test" })
        {
            Assert.That(
                (await nobody.SignInAsync(login, "secret of hana@ex.test")).Status,
                Is.EqualTo(HttpStatusCode.TooManyRequests),
                login
            );
        }
    }

    [Test]
    public async Task UnlinkIdentity_WhenSessionsAreOpen_EndsThem()
    {
        await using var slapd = await Slapd.StartAsync(People);
        await using var server = await StartAsync(slapd);
        await SyncAsync(server);
        using var nobody = server.Client.With(token: null);
        using var session = nobody.In(await nobody.SignInAsync("anna", "secret of anna"));
        var user = (string)(await session.GetAsync("/api/v1/session")).Body!["user"]!["id"]!;
        var subject = await server.ScalarAsync<string>($"select subject from identities where user_id = '{user}'");
        await server.Client.DeleteAsync($"/api/v1/users/{user}/identities?issuer=ldap&subject={subject}");
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    private static Task<TestServer> StartAsync(Slapd slapd, params (string Name, string Value)[] more) =>
        StartAsync(slapd, share: null, more);

    private static Task<TestServer> StartAsync(Slapd slapd, TestServer? share, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LDAP_URL"] = slapd.Url,
            ["LDAP_CA_FILE"] = slapd.CaFile,
            ["LDAP_BIND_DN"] = Slapd.Reader,
            ["LDAP_BIND_PASSWORD"] = Slapd.ReaderPassword,
            ["LDAP_USER_BASE"] = $"ou=people,{Slapd.Root}",
            ["LDAP_GROUP_BASE"] = $"ou=groups,{Slapd.Root}",
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return TestServer.StartAsync(settings, share);
    }

    private static async Task<(JsonNode Job, string Log)> SyncAsync(TestServer server)
    {
        var asked = await server.Client.PostAsync("/api/v1/directory/sync");
        var job = await server.Client.WaitForJobAsync(asked.Location!);
        return (job, (await server.Client.GetAsync($"{asked.Location}/log")).Text);
    }
}
