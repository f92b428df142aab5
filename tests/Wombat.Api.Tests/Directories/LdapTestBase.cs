using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Directories;

/// <summary>Each test has an OpenLDAP server with people and groups, and a server that uses it.</summary>
public abstract class LdapTestBase
{
    protected Slapd Slapd { get; private set; } = null!;
    protected TestServer Server { get; private set; } = null!;

    protected WombatClient Admin => Server.Client;

    [SetUp]
    public async Task Start()
    {
        Slapd = await Slapd.StartAsync(
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
        Server = await TestServer.StartAsync(Settings(Slapd.Url));
        foreach (var project in new[] { "apples", "pears" })
        {
            await Admin.CreateProjectAsync(project);
        }
    }

    [TearDown]
    public async Task Stop()
    {
        // Also when the server did not start: the directory must not outlive its test.
        await using var directory = Slapd;
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }

    protected Dictionary<string, string> Settings(string url, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LDAP_URL"] = url,
            ["LDAP_CA_FILE"] = Slapd.CaFile,
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

    protected async Task<(JsonNode Job, string Log)> SyncAsync(string query = "")
    {
        var asked = await Admin.PostAsync($"/api/v1/directory/sync{query}");
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        var job = await Admin.WaitForJobAsync(asked.Location!);
        return (job, (await Admin.GetAsync($"{asked.Location}/log")).Text);
    }

    protected async Task<WombatClient> SignInAsync(string login, string password)
    {
        using var nobody = Admin.With(token: null);
        var opened = await nobody.SignInAsync(login, password);
        Assert.That(opened.Status, Is.EqualTo(HttpStatusCode.Created), opened.ToString());
        return nobody.In(opened);
    }

    protected async Task<(string? Email, string? FullName, string? Role, bool Active)> UserAsync(string login)
    {
        var user = (await Admin.GetAsync($"/api/v1/users?q={login}")).Body!["items"]!.AsArray().Single(u => (string?)u!["login"] == login)!;
        return ((string?)user["email"], (string?)user["full_name"], (string?)user["platform_role"], (bool)user["active"]!);
    }

    protected Task<string?> RolesAsync(string project) =>
        Server.ScalarAsync<string>(
            "select coalesce(string_agg(u.login || ' ' || m.role, ', ' order by u.login), '') from members m join users u "
                + $"on u.id = m.user_id join projects p on p.id = m.project_id where p.unix_name = '{project}'"
        );
}
