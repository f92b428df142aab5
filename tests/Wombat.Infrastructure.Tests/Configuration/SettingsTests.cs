using Microsoft.Extensions.Logging;
using Wombat.Domain.Containers;
using Wombat.Infrastructure.Configuration;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Configuration;

public sealed class SettingsTests
{
    private static readonly Dictionary<string, string> None = new(StringComparer.Ordinal);

    [TestCase(
        """{ "plugins": { "paris": { "type": "proxmox" }, "rome-2": { "type": "proxmox", "reconcile_interval_seconds": 60 } } }""",
        "local-postgres:local-postgres:3,paris:proxmox:3,proxmox:proxmox:3,rome-2:proxmox:60"
    )]
    [TestCase(
        """{ "plugins": { "paris": { "type": "proxmox", "enabled": false, "cli_path": "/x" } } }""",
        "local-postgres:local-postgres:3,proxmox:proxmox:3"
    )]
    [TestCase(
        """{ "plugins": { "paris": { "type": "proxmox" }, "proxmox": { "enabled": false } }, "reconciler": { "interval_seconds": 5 } }""",
        "local-postgres:local-postgres:5,paris:proxmox:5"
    )]
    public void PluginInstances_FromAFile_AreRead(string json, string expected) =>
        Assert.That(
            string.Join(',', ReadFile(json).Plugins.Select(p => $"{p.Instance}:{p.Type}:{p.ReconcileInterval.TotalSeconds}")),
            Is.EqualTo(expected)
        );

    [Test]
    public void PluginInstances_FromTheEnvironment_AreRead()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_PLUGINS_NEW_YORK_TYPE"] = "proxmox",
            ["WOMBAT_PLUGINS_NEW_YORK_CLI_PATH"] = "/opt/cli",
            ["WOMBAT_PLUGINS_NEW_YORK_DEFAULT"] = "true",
        };
        var instance = WombatSettings.Read(environment, None).Plugins.Single(p => p.Instance == "new-york");
        Assert.That(
            (instance.IsDefault, instance.Create(null!).Name, instance.Create(null!).IsHostBound),
            Is.EqualTo((true, "new-york", false))
        );
    }

    [TestCase(
        """{ "plugins": { "paris": { "type": "proxmux" } } }""",
        "plugins.paris.type: must be one of cnpg, local-postgres, proxmox, not 'proxmux'"
    )]
    [TestCase("""{ "plugins": { "paris": { "cli_path": "/x" } } }""", "plugins.paris.cli_path: is not a known setting")]
    [TestCase(
        """{ "plugins": { "paris": { "type": "proxmox", "dialect": "latin" } } }""",
        "plugins.paris.dialect: must be forge or plain, not 'latin'"
    )]
    [TestCase(
        """{ "plugins": { "paris": { "type": "proxmox" }, "paris": { "type": "proxmox" } } }""",
        "plugins.paris.type: is set twice in the file, here and as plugins.paris.type"
    )]
    [TestCase("""{ "plugins": { "Paris!": { "type": "proxmox" } } }""", "plugins.Paris!.type: the name of the instance must consist of")]
    public void Read_WhenAPluginInstanceIsWrong_NamesTheSetting(string json, string message) =>
        Assert.That(() => ReadFile(json), Throws.TypeOf<SettingsException>().With.Message.StartsWith(message));

    private static WombatSettings ReadFile(string json)
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "wombat.json");
        File.WriteAllText(file, json);
        return WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_CONFIG"] = file }, None);
    }

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
            (settings.Port, settings.Jobs.Concurrency, settings.Log.Level, settings.Address.ToString()),
            Is.EqualTo((9001, 3, LogLevel.Error, "127.0.0.1"))
        );
    }

    [Test]
    public void Read_WhenCategoriesAreGiven_ReadsTheirLevels()
    {
        var settings = WombatSettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["WOMBAT_LOG_LEVELS"] = "Npgsql=debug, Microsoft.EntityFrameworkCore=warning",
            },
            None
        );

        Assert.That(
            settings.Log.Categories,
            Is.EquivalentTo(
                new Dictionary<string, LogLevel>(StringComparer.Ordinal)
                {
                    ["Npgsql"] = LogLevel.Debug,
                    ["Microsoft.EntityFrameworkCore"] = LogLevel.Warning,
                }
            )
        );
    }

    [TestCase("Npgsql")]
    [TestCase("Npgsql=loud")]
    [TestCase("=debug")]
    public void Read_WhenACategoryHasNoLevel_NamesTheSetting(string value) =>
        Assert.That(
            () => WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_LOG_LEVELS"] = value }, None),
            Throws.TypeOf<SettingsException>().With.Message.StartsWith("WOMBAT_LOG_LEVELS: must be CATEGORY=LEVEL")
        );

    [TestCase("""{ "jobs": { "concurency": 3 } }""", "jobs.concurency: is not a known setting")]
    [TestCase("""{ "port": "many" }""", "port: must be")]
    [TestCase("""{ "publish": { "ports": "21000-20000" } }""", "publish.ports: must be a range of ports")]
    [TestCase("""{ "publish": { "ports": "0-10" } }""", "publish.ports: must be a range of ports")]
    [TestCase("""{ "publish": { "ports": "20000-70000" } }""", "publish.ports: must be a range of ports")]
    [TestCase("""{ "publish": { "addresses": ["here"] } }""", "publish.addresses: must be 1 to 16 different IP addresses")]
    [TestCase("""{ "publish": { "addresses": ["::1", "::1"] } }""", "publish.addresses: must be 1 to 16 different IP addresses")]
    [TestCase("""{ "publish": { "addresses": [] } }""", "publish.addresses: must be 1 to 16 different IP addresses")]
    [TestCase("""{ "container_sizes": ["small=1"] }""", "container_sizes: must be a list such as")]
    [TestCase("""{ "container_sizes": ["Small=1/512"] }""", "container_sizes: must be a list such as")]
    [TestCase("""{ "container_sizes": ["small=0/512"] }""", "container_sizes: must be a list such as")]
    [TestCase("""{ "container_sizes": ["small=1/512/x"] }""", "container_sizes: must be a list such as")]
    [TestCase("""{ "container_sizes": ["a=1/512", "a=2/512"] }""", "container_sizes: has a name twice")]
    [TestCase("""{ "publish": { "host": "a b" } }""", "publish.host: must be a host name or an IP address")]
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
        Assert.That(
            WombatSettings.Read(environment, None).Plugins.Single(p => p.Instance == "proxmox").Create(null!).IsHostBound,
            Is.EqualTo(isHostBound)
        );
    }

    [TestCase("WOMBAT_PORT=8081", true)]
    [TestCase("FORGE_BACKEND=pve", false)]
    [TestCase("WOMBAT_PLUGINS_PROXMOX_HOST_BOUND=false", false)]
    [TestCase("""WOMBAT_PLUGINS_PROXMOX_CLI_ENVIRONMENT=["WOMBAT_DATA_DIR=/srv/shared"]""", false)]
    [TestCase("WOMBAT_PLUGINS_PROXMOX_EXCLUSIVE=false", false)]
    public void IsExclusive_WhenContainersAreInTheDataDirectory_IsTrue(string variable, bool isExclusive)
    {
        var parts = variable.Split('=', 2);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { [parts[0]] = parts[1] };
        var plugin = WombatSettings.Read(environment, None).Plugins.Single(p => p.Instance == "proxmox").Create(null!);
        Assert.That(((IListsContainers)plugin).IsExclusive, Is.EqualTo(isExclusive));
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
}
