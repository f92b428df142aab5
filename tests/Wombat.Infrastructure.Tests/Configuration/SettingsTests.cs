using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Plugins.Proxmox;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Configuration;

public sealed class SettingsTests
{
    private static readonly Dictionary<string, string> None = new(StringComparer.Ordinal);

    [Test]
    public void Environment_OverridesTheFile_WhichOverridesTheDefaults()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "wombat.json");
        File.WriteAllText(file, """{ "port": 9000, "jobs": { "concurrency": 3 }, /* a comment */ "log_level": "warning" }""");
        var settings = WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_CONFIG"] = file, ["WOMBAT_PORT"] = "9001" }, new Dictionary<string, string>(StringComparer.Ordinal) { ["log-level"] = "error" });
        Assert.That((settings.Port, settings.Jobs.Concurrency, settings.LogLevel, settings.Address.ToString()), Is.EqualTo((9001, 3, "error", "127.0.0.1")));
    }

    [TestCase("""{ "jobs": { "concurency": 3 } }""", "jobs.concurency: is not a setting")]
    [TestCase("""{ "port": "many" }""", "port: must be")]
    [TestCase("""{ "port" """, "is not valid JSON")]
    public void File_ThatIsWrong_NamesTheSetting(string json, string message)
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "wombat.json");
        File.WriteAllText(file, json);
        Assert.That(() => WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_CONFIG"] = file }, None), Throws.TypeOf<SettingsException>().With.Message.Contains(message));
    }

    [Test]
    public void DatabaseUrl_IsUnderstood()
    {
        var settings = WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["DATABASE_URL"] = "postgres://us%40er:p%3Ass@db.example:6432/wombat?sslmode=verify-full" }, None);
        var built = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        Assert.That((built.Host, built.Port, built.Username, built.Password, built.Database, built.SslMode), Is.EqualTo(("db.example", 6432, "us@er", "p:ss", "wombat", SslMode.VerifyFull)));
    }

    [Test]
    public void Arguments_AreFilledOneByOne_AndOptionalOnesGoTogether()
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal) { ["name"] = "a b; $(x)", ["cpu"] = null, ["memory"] = "64" };
        Assert.That(
            ArgumentTemplate.Fill(["create", "--name={name}", "[--cpu {cpu}]", "[--memory {memory}]"], values),
            Is.EqualTo(new[] { "create", "--name=a b; $(x)", "--memory", "64" }));
    }

    [TestCase("""{"id":"7","status":"running","ip":"192.0.2.1"}""", "7", "Running", "192.0.2.1")]
    [TestCase("""{"vmid":101,"state":"stopped"}""", "101", "Stopped", null)]
    [TestCase("making it\nID: 321\n", "321", null, null)]
    [TestCase("ID: 321\nStatus: Running\nIP: 192.0.2.9", "321", "Running", "192.0.2.9")]
    public void Answers_AreReadFromJsonAndFromLines(string output, string id, string? state, string? address)
    {
        var answer = CliAnswer.Read(output)!;
        Assert.That((answer.Id, answer.State?.ToString(), answer.IpAddress), Is.EqualTo((id, state, address)));
    }

    [TestCase("""{"id":"7","sta""")]
    [TestCase("")]
    [TestCase("done.")]
    public void Answers_ThatSayNothing_AreNotUnderstood(string output) => Assert.That(CliAnswer.Read(output), Is.Null);
}
