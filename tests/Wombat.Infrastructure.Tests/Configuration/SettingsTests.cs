using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Plugins.Proxmox;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Configuration;

public sealed class SettingsTests
{
    private static readonly Dictionary<string, string> None = new(StringComparer.Ordinal);

    [Test]
    public void Read_WhenSetTwice_PrefersEnvironmentOverFile()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "wombat.json");
        File.WriteAllText(file, """{ "port": 9000, "jobs": { "concurrency": 3 }, /* a comment */ "log_level": "warning" }""");
        var settings = WombatSettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_CONFIG"] = file, ["WOMBAT_PORT"] = "9001" },
            new Dictionary<string, string>(StringComparer.Ordinal) { ["log-level"] = "error" }
        );
        Assert.That(
            (settings.Port, settings.Jobs.Concurrency, settings.LogLevel, settings.Address.ToString()),
            Is.EqualTo((9001, 3, "error", "127.0.0.1"))
        );
    }

    [TestCase("""{ "jobs": { "concurency": 3 } }""", "jobs.concurency: is not a setting")]
    [TestCase("""{ "port": "many" }""", "port: must be")]
    [TestCase("""{ "port" """, "is not valid JSON")]
    public void Read_WhenFileIsInvalid_NamesTheSetting(string json, string message)
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "wombat.json");
        File.WriteAllText(file, json);
        Assert.That(
            () => WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_CONFIG"] = file }, None),
            Throws.TypeOf<SettingsException>().With.Message.Contains(message)
        );
    }

    [TestCase("", true)]
    [TestCase("FORGE_BACKEND=lxc", true)]
    [TestCase("FORGE_BACKEND=pve", false)]
    [TestCase("WOMBAT_PLUGINS_PROXMOX_DIALECT=plain", false)]
    [TestCase("WOMBAT_PLUGINS_PROXMOX_HOST_BOUND=false", false)]
    public void IsHostBound_WhenForgeUsesLxc_IsTrue(string variable, bool isHostBound)
    {
        var environment =
            variable.Length == 0
                ? None
                : new Dictionary<string, string>(StringComparer.Ordinal) { [variable.Split('=')[0]] = variable.Split('=')[1] };
        Assert.That(WombatSettings.Read(environment, None).Proxmox!.IsHostBound, Is.EqualTo(isHostBound));
    }

    [TestCase("""["cn=ops,ou=teams,dc=x -> apples:viewer"]""", "ou=people,dc=x", "WOMBAT_LDAP_ROLES: names 'cn=ops,ou=teams,dc=x'")]
    [TestCase("[]", "people", "WOMBAT_LDAP_USER_BASE: must be a distinguished name")]
    public void Read_WhenLdapSettingsMatchNothing_Throws(string roles, string userBase, string message)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_LDAP_URL"] = "ldaps://ldap.example.org",
            ["WOMBAT_LDAP_BIND_DN"] = "cn=reader,dc=x",
            ["WOMBAT_LDAP_BIND_PASSWORD"] = "p",
            ["WOMBAT_LDAP_USER_BASE"] = userBase,
            ["WOMBAT_LDAP_GROUP_BASE"] = "ou=groups,dc=x",
            ["WOMBAT_LDAP_ROLES"] = roles,
        };
        Assert.That(() => WombatSettings.Read(settings, None), Throws.TypeOf<SettingsException>().With.Message.StartsWith(message));
    }

    [Test]
    public void DatabaseUrl_WithEscapes_IsParsed()
    {
        var settings = WombatSettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["DATABASE_URL"] = "postgres://us%40er:p%3Ass@db.example:6432/wombat?sslmode=verify-full",
            },
            None
        );
        var built = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        Assert.That(
            (built.Host, built.Port, built.Username, built.Password, built.Database, built.SslMode),
            Is.EqualTo(("db.example", 6432, "us@er", "p:ss", "wombat", SslMode.VerifyFull))
        );
    }

    [Test]
    public void Read_WhenFileHasAByteOrderMark_Works()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "wombat.json");
        File.WriteAllText(file, """{ "port": 9000 }""", new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.That(
            WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_CONFIG"] = file }, None).Port,
            Is.EqualTo(9000)
        );
    }

    [TestCase("postgres://u:p@db.example/w?channel_binding=require&sslmode=require", "Channel Binding", "Require")]
    [TestCase("postgres://u:p@pg1,pg2:5433/w?target_session_attrs=read-write", "Target Session Attributes", "read-write")]
    [TestCase("postgres://u:p@pg1:5432,pg2:5433/w", "Host", "pg1:5432,pg2:5433")]
    [TestCase("postgresql://u@[::1]:5433/w", "Host", "::1")]
    [TestCase("postgresql://u@[::1]:5433/w", "Port", "5433")]
    [TestCase("postgres://u@%2Fvar%2Frun%2Fpostgresql/w", "Host", "/var/run/postgresql")]
    [TestCase("postgres:///w?host=/var/run/postgresql&user=me", "Username", "me")]
    [TestCase("postgres://u@db.example/w?sslmode=verify-ca&sslrootcert=/etc/ca.pem", "Root Certificate", "/etc/ca.pem")]
    [TestCase("postgres://u@db.example/w?options=-c%20search_path%3Dapp", "Options", "-c search_path=app")]
    [TestCase("postgres://u@db.example/w?connect_timeout=7&keepalives=1&keepalives_count=3&gssencmode=disable", "Timeout", "7")]
    [TestCase("postgres://u@db.example/w?Maximum%20Pool%20Size=7", "Maximum Pool Size", "7")]
    public void DatabaseUrl_WithLibpqParameters_IsParsed(string url, string name, string value)
    {
        var settings = WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["DATABASE_URL"] = url }, None);
        Assert.That(new NpgsqlConnectionStringBuilder(settings.ConnectionString)[name].ToString(), Is.EqualTo(value));
    }

    [TestCase("postgres://u:s3cret@db.example/w?sslmod=require", "DATABASE_URL: has the parameter 'sslmod', which Wombat does not know")]
    [TestCase("postgres://u:s3cret@db.example/w?sslmode=s3cret", "DATABASE_URL: has a wrong value of the parameter 'sslmode'")]
    [TestCase("postgres://u:s3cret@db.example:many/w", "DATABASE_URL: has a wrong value of the parameter 'port'")]
    [TestCase("postgres://u:s3cret@/w", "DATABASE_URL: names no host")]
    public void DatabaseUrl_WhenInvalid_NamesTheParameter(string url, string message) =>
        Assert.That(
            () => WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["DATABASE_URL"] = url }, None),
            Throws.TypeOf<SettingsException>().With.Message.EqualTo(message)
        );

    [Test]
    public void Fill_WhenAValueIsMissing_DropsItsOptionalGroup()
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["name"] = "a b; $(x)",
            ["cpu"] = null,
            ["memory"] = "64",
        };
        Assert.That(
            ArgumentTemplate.Fill(["create", "--name={name}", "[--cpu {cpu}]", "[--memory {memory}]"], values),
            Is.EqualTo(new[] { "create", "--name=a b; $(x)", "--memory", "64" })
        );
    }

    [TestCase("""{"id":"7","status":"running","ip":"192.0.2.1"}""", "7", "Running", "192.0.2.1")]
    [TestCase("""{"vmid":101,"state":"stopped"}""", "101", "Stopped", null)]
    [TestCase("making it\nID: 321\n", "321", null, null)]
    [TestCase("ID: 321\nStatus: Running\nIP: 192.0.2.9", "321", "Running", "192.0.2.9")]
    public void Read_OfJsonOrLines_ReturnsTheAnswer(string output, string id, string? state, string? address)
    {
        var answer = CliAnswer.Read(output)!;
        Assert.That((answer.Id, answer.State?.ToString(), answer.IpAddress), Is.EqualTo((id, state, address)));
    }

    [TestCase("""{"id":"7","sta""")]
    [TestCase("")]
    [TestCase("done.")]
    public void Read_OfAnythingElse_IsNull(string output) => Assert.That(CliAnswer.Read(output), Is.Null);
}
