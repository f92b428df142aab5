using Wombat.Api.Hosting;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Hosting;

/// <summary>What the program says to who calls it without knowing it, or with settings that are wrong.</summary>
public sealed class CommandLineTests
{
    [Test]
    public void Help_OfEveryCommand_HasUsageAndSummary()
    {
        Assert.That(CommandHelp.All, Is.Not.Empty);
        foreach (var command in CommandHelp.All)
        {
            Assert.That(Say("--help"), Does.Contain($"  {command.Name} "));
            Assert.That(Say(command.Name, "--help"), Is.EqualTo(Say("help", command.Name)));
            Assert.That(Say("help", command.Name), Does.StartWith(command.Summary).And.Contain($"Usage: wombat {command.Name}"));
        }
    }

    [TestCase("--help")]
    [TestCase("-h")]
    [TestCase("help")]
    public void Help_InEverySpelling_ListsTheCommands(string word) =>
        Assert.That(Say(word), Does.Contain("Usage: wombat [COMMAND]").And.Contain("check-config"));

    [TestCase("version")]
    [TestCase("--version")]
    public void Version_InEverySpelling_IsPrinted(string word) => Assert.That(Say(word), Does.Match(@"^\d+\.\d+\.\d+"));

    [TestCase("migrat", "Did you mean migrate?")]
    [TestCase("backups", "Did you mean backup?")]
    [TestCase("xyzzyxyzzy", "'wombat --help' lists them")]
    public void Parse_WhenCommandIsUnknown_SuggestsTheNearest(string word, string says) =>
        Assert.That(
            () => Say(word),
            Throws.TypeOf<CommandLineException>().With.Message.StartsWith($"{word}: is not a command.").And.Message.Contains(says)
        );

    [TestCase("backup")]
    [TestCase("restore", "a", "b")]
    [TestCase("serve", "now")]
    public void Parse_WhenOperandsDoNotFit_Throws(params string[] words) =>
        Assert.That(() => Say(words), Throws.TypeOf<CommandLineException>());

    [Test]
    public void Parse_WhenOperandsFit_RunsTheCommand() => Assert.That(Say("backup", "file", "--include-keys", "--port", "1"), Is.Null);

    [TestCase("check-config")]
    [TestCase("serve")]
    public async Task Start_WhenSeveralSettingsAreWrong_ReportsAllAndCreatesNothing(string command)
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_PORT"] = "many",
            ["WOMBAT_ADDRESS"] = "here",
            ["WOMBAT_ROLES"] = "api,cook",
            ["WOMBAT_JOBS_CONCURENCY"] = "4",
            ["WOMBAT_LDAP_URL"] = "ldap://127.0.0.1",
            ["WOMBAT_AUTH_OIDC_ISSUER"] = "https://provider.example.org",
            ["ConnectionStrings__Wombat"] = "no such thing",
        };
        await using var process = WombatProcess.Start(data, environment, null, command);
        Assert.That(await process.WaitForExitAsync(), Is.EqualTo(2), process.Output);
        var lines = process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(':')[0]).ToArray();
        Assert.That(
            lines,
            Is.EquivalentTo(
                new[]
                {
                    "WOMBAT_PORT",
                    "WOMBAT_ADDRESS",
                    "WOMBAT_ROLES",
                    "WOMBAT_JOBS_CONCURENCY",
                    "ConnectionStrings__Wombat",
                    "auth.oidc.client_id",
                    "auth.oidc.client_secret_file",
                    "ldap.user_base",
                    "ldap.bind_dn",
                    "ldap.bind_password_file",
                }
            ),
            process.Output
        );
        Assert.That(Directory.Exists(data), Is.False);
    }

    [Test]
    public async Task CheckConfig_WhenNamedFilesAreWrong_ReportsEach()
    {
        using var folder = new TestFolder();
        var key = Path.Combine(folder.Path, "key");
        await File.WriteAllTextAsync(key, "not a key\n");
        var data = Path.Combine(folder.Path, "data");
        var wrong = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PROXMOX_CLI_PATH"] = Path.Combine(folder.Path, "no-cli"),
            ["WOMBAT_SECRETS_KEY_FILE"] = key,
            ["WOMBAT_AUDIT_SIGNING_KEY_FILE"] = key,
            ["WOMBAT_POSTGRES_BIN"] = folder.Path,
        };
        await using var process = WombatProcess.Start(data, wrong, null, "check-config");
        Assert.That(await process.WaitForExitAsync(), Is.EqualTo(2), process.Output);
        Assert.That(process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(4), process.Output);

        await using var right = WombatProcess.Start(data, null, null, "check-config");
        Assert.That(await right.WaitForExitAsync(), Is.Zero, right.Output);
        Assert.That(right.Output, Does.Contain("The configuration is in order."));
        Assert.That(Directory.Exists(data), Is.False, "nothing is made");
    }

    private static string? Say(params string[] arguments) =>
        CommandLine.Parse(arguments).Information(arguments.All(a => a.StartsWith('-')));
}
