using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Secrets;

/// <summary>
/// Plants secrets wherever Wombat takes one, uses everything, then searches the whole database, the log at debug level, every job's log and
/// every response for them.
/// </summary>
[Category("Slow")]
public sealed class SecretLeakTests
{
    private const string Mark = "MARKED-SECRET";

    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);
    private readonly List<(string What, string Text)> answers = [];

    [Test]
    public async Task Secrets_AfterUseOfEveryFeature_AppearInNoTableLogOrResponse()
    {
        using var folder = new TestFolder();
        using var keys = new TestKeys("s");
        var port = FreePort.Next();
        await using var provider = await OidcProvider.StartAsync(port, keys);
        await provider.SetAccountAsync("subject-1", "olga");
        await using var slapd = await Slapd.StartAsync(Slapd.Person("lara"));
        var connection = await SharedPostgres.NewMigratedDatabaseAsync();
        var data = Path.Combine(folder.Path, "data");
        var environment = Environment(connection, provider, slapd);
        await using var wombat = WombatProcess.Start(data, environment, port);
        using var admin = await wombat.ReadyAsync(data);
        Plant("the first admin's token", admin.Http.DefaultRequestHeaders.Authorization!.Parameter!);
        foreach (var file in new[] { "secrets-key", "audit-key.pem" })
        {
            Plant(file, (await File.ReadAllTextAsync(Path.Combine(data, file))).Split('\n')[file == "secrets-key" ? 0 : 1].Trim());
        }

        Plant("the database's password", new NpgsqlConnectionStringBuilder(connection).Password!);
        await UsePasswordsAsync(admin);
        await UseTokensAsync(admin);
        await UseProviderAsync(admin, provider);
        await UseDirectoryAsync(admin);
        await MistakeAsync(admin);
        await wombat.TerminateAsync();

        Assert.That(secrets, Has.Count.GreaterThanOrEqualTo(16));
        var places = new List<(string Place, string Text)> { ("the log", wombat.Output) };
        places.AddRange(await DumpAsync(connection));
        places.AddRange(answers);
        Assert.That(places.Sum(p => p.Text.Length), Is.GreaterThan(50_000), "the secrets to search for exist");
        Assert.That(wombat.Output, Does.Contain("\"LogLevel\":\"Debug\""), "the log is at debug level");
        Assert.Multiple(() =>
        {
            foreach (var (name, secret) in secrets)
            {
                foreach (var (place, text) in places)
                {
                    foreach (var form in Forms(secret))
                    {
                        Assert.That(text.Contains(form, StringComparison.OrdinalIgnoreCase), Is.False, $"{name} is in {place}");
                    }
                }
            }
        });
    }

    private Dictionary<string, string> Environment(string connection, OidcProvider provider, Slapd slapd) =>
        new(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Wombat"] = connection,
            ["WOMBAT_LOG_LEVEL"] = "debug",
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "true",
            ["PROXMOX_CLI_PATH"] = "/bin/false",
            ["FORGE_PVE_TOKEN"] = Plant("the container host's token", $"root@pam!wombat={Mark}-pve"),
            ["WOMBAT_AUTH_OIDC_ISSUER"] = provider.Issuer,
            ["WOMBAT_AUTH_OIDC_CLIENT_ID"] = "wombat",
            ["WOMBAT_AUTH_OIDC_CLIENT_SECRET"] = Plant("the OpenID client's secret", "secret-of-the-test-client"),
            ["WOMBAT_AUTH_JWT_ISSUERS"] = provider.Issuer,
            ["WOMBAT_AUTH_JWT_AUDIENCES"] = "wombat-api",
            ["WOMBAT_LDAP_URL"] = slapd.Url,
            ["WOMBAT_LDAP_CA_FILE"] = slapd.CaFile,
            ["WOMBAT_LDAP_BIND_DN"] = Slapd.Reader,
            ["WOMBAT_LDAP_BIND_PASSWORD"] = Plant("the directory reader's password", Slapd.ReaderPassword),
            ["WOMBAT_LDAP_USER_BASE"] = $"ou=people,{Slapd.Root}",
            ["WOMBAT_LDAP_GROUP_BASE"] = $"ou=groups,{Slapd.Root}",
        };

    private async Task UsePasswordsAsync(WombatClient admin)
    {
        var (first, second) = (Plant("a first password", Mark + " one two three"), Plant("a changed password", Mark + " four five six"));
        var created = Keep(
            await admin.PostAsync("/api/v1/users", $$"""{"login":"paula","password":"{{first}}","email":"paula@example.org"}""")
        );
        var user = (string)created.Body!["id"]!;
        Keep(
            await admin.PostAsync(
                "/api/v1/users",
                $$"""{"login":"paula","password":"{{Plant("a password of a refused creation", Mark + " seven eight")}}"}"""
            )
        );
        using var nobody = admin.With(token: null);
        Keep(await nobody.SignInAsync("paula", Plant("a wrong password", Mark + " wrong guess")));
        Keep(await nobody.SignInAsync(Plant("a password in the login's field", Mark + "-typed-as-login"), "whatever it is"));
        var opened = await nobody.SignInAsync("paula", first);
        Assert.That(opened.Status, Is.EqualTo(HttpStatusCode.Created), opened.ToString());
        Plant("a session's cookie", opened.Cookie("wombat_session").Split('=')[1]);
        Keep(opened with { Headers = new HttpResponseMessage().Headers });
        using var session = nobody.In(opened);
        Keep(await session.GetAsync("/api/v1/session"));
        Keep(await session.GetAsync($"/api/v1/users/{user}/sessions"));
        Keep(
            await session.PutAsync($"/api/v1/users/{user}/password", $$"""{"current_password":"{{first}}","new_password":"{{second}}"}""")
        );
        Keep(await session.GetAsync($"/api/v1/users/{user}"));
    }

    private async Task UseTokensAsync(WombatClient admin)
    {
        var project = await admin.CreateProjectAsync();
        var user = await admin.CreateUserAsync();
        var (secret, id) = await admin.CreateTokenAsync(user);
        Plant("a user's token", secret);
        Plant(
            "a project's token",
            (string)(await admin.PostAsync($"/api/v1/projects/{project}/tokens", """{"name":"ci","scopes":["manage"]}""")).Body!["token"]!
        );
        using var holder = admin.With(secret);
        Keep(await holder.GetAsync($"/api/v1/users/{user}/tokens"));
        Keep(await admin.GetAsync($"/api/v1/projects/{project}/tokens"));
        Keep(await admin.DeleteAsync($"/api/v1/users/{user}/tokens/{id}"));
        Keep(await holder.GetAsync("/api/v1/projects"));
        using var guesser = admin.With(Plant("an invalid token", "wombat_" + Mark));
        Keep(await guesser.PostAsync("/api/v1/projects", """{"name":"x","unix_name":"xxx"}"""));

        // A job that fails with the output of the CLI.
        var container = await admin.PostAsync($"/api/v1/projects/{project}/containers", """{"template":"busybox"}""");
        Keep(container);
        Keep(await admin.GetAsync("/api/v1/plugins"));
    }

    private async Task UseProviderAsync(WombatClient admin, OidcProvider provider)
    {
        using var browser = new ScriptedBrowser();
        var back = await browser.SignInUntilReturnAsync(admin.Address, "subject-1");
        Plant("an authorization code", System.Web.HttpUtility.ParseQueryString(new Uri(back).Query)["code"]!);
        var opened = await browser.GetAsync(back);
        Assert.That(opened.Status, Is.EqualTo(HttpStatusCode.Found), opened.ToString());
        Plant("a session's cookie by OpenID", opened.Cookie("wombat_session").Split('=')[1]);
        using var session = admin.With(token: null);
        session.Http.DefaultRequestHeaders.Add("Cookie", opened.Cookie("wombat_session"));
        Keep(await session.GetAsync("/api/v1/session"));
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = "machine",
                ["client_secret"] = "secret-of-the-test-machine",
                ["resource"] = "urn:wombat:api",
                ["scope"] = "api",
            }
        );
        using var given = await http.PostAsync(new Uri($"{provider.Issuer}/token"), form);
        var jwt = (string)JsonNode.Parse(await given.Content.ReadAsStringAsync())!["access_token"]!;
        Plant("a machine's token", jwt.Split('.')[2]);
        using var machine = admin.With(jwt);
        Keep(await machine.PostAsync("/api/v1/projects", """{"name":"x","unix_name":"xxx"}"""));
    }

    private async Task UseDirectoryAsync(WombatClient admin)
    {
        var sync = await admin.PostAsync("/api/v1/directory/sync");
        await admin.WaitForJobAsync(sync.Location!);
        Keep(await admin.GetAsync($"{sync.Location}/log"));
        using var nobody = admin.With(token: null);
        var opened = await nobody.SignInAsync("lara", Plant("a directory's password", "secret of lara"));
        Assert.That(opened.Status, Is.EqualTo(HttpStatusCode.Created), opened.ToString());
        Keep(await nobody.SignInAsync("lara", Plant("a wrong directory's password", Mark + " wrong bind")));
    }

    // A private key in place of a public one, and a secret in an unknown field.
    private async Task MistakeAsync(WombatClient admin)
    {
        var user = await admin.CreateUserAsync();
        var key = Plant("a private key", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ" + Mark);
        Keep(
            await admin.PostAsync(
                $"/api/v1/users/{user}/ssh-keys",
                $$"""{"name":"mine","public_key":"-----BEGIN OPENSSH PRIVATE KEY----- {{key}}"}"""
            )
        );
        Keep(
            await admin.PostAsync(
                "/api/v1/users",
                $$"""{"login":"quinn","secret":"{{Plant("an unknown field", Mark + "-unknown-field")}}"}"""
            )
        );
        Keep(await admin.GetAsync("/api/v1/events?limit=200"));
        Keep(await admin.GetAsync("/api/v1/users?limit=200"));
    }

    private string Plant(string name, string secret) => secrets[name] = secret;

    private Answer Keep(Answer answer)
    {
        answers.Add(($"the answer {answer.Text[..Math.Min(60, answer.Text.Length)]}", $"{answer.Text} {answer.Headers}"));
        return answer;
    }

    private static IEnumerable<string> Forms(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        return
        [
            secret,
            Convert.ToHexString(bytes),
            Convert.ToBase64String(bytes).TrimEnd('='),
            Uri.EscapeDataString(secret),
            secret.Replace(' ', '+'),
        ];
    }

    // Every row of every table as text; binary values are hexadecimal.
    private static async Task<List<(string Place, string Text)>> DumpAsync(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        var tables = new List<string>();
        await using (
            var list = source.CreateCommand(
                "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
            )
        )
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        Assert.That(tables, Has.Count.GreaterThan(15));
        var dump = new List<(string, string)>();
        foreach (var table in tables)
        {
            await using var rows = source.CreateCommand($"select coalesce(string_agg(t::text, E'\\n'), '') from \"{table}\" t");
            dump.Add(($"the table {table}", (string)(await rows.ExecuteScalarAsync())!));
        }

        return dump;
    }
}
