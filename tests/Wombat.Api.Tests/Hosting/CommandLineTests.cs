using Wombat.Api.Hosting;
using Wombat.Infrastructure.Configuration;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Hosting;

/// <summary>The command line of <c>wombat</c>: help, usage errors, wrong settings.</summary>
public sealed class CommandLineTests
{
    private static readonly string[] Commands =
    [
        "serve",
        "migrate",
        "down",
        "check-config",
        "backup",
        "restore",
        "admin-token",
        "audit-verify",
        "rotate-secrets",
        "openapi",
        "version",
        "help",
    ];

    [TestCase("--help")]
    [TestCase("-h")]
    [TestCase("help")]
    public async Task Help_InEverySpelling_ListsTheCommands(string word)
    {
        var (code, output, _) = await RunAsync(word);
        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain("wombat [command] [--SETTING VALUE]").And.Contain("WOMBAT_CONFIG"));
        var listed = output[output.IndexOf("Commands:", StringComparison.Ordinal)..]
            .Split('\n')
            .Where(l => l.StartsWith("  ", StringComparison.Ordinal));
        Assert.That(listed.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]), Is.SupersetOf(Commands));
    }

    [TestCaseSource(nameof(Commands))]
    public async Task Help_OfACommand_HasItsUsage(string command)
    {
        var help = await RunAsync("help", command);
        Assert.That(help.Output, Does.Contain($"wombat {command}").And.Contain("WOMBAT_CONFIG").And.Not.Contain("Wombat.Api"));
        Assert.That(help.Code, Is.Zero);
        Assert.That(help, Is.EqualTo(await RunAsync(command, "--help")));
    }

    [Test]
    public async Task Help_OfBackup_HasItsDetails() =>
        Assert.That(
            (await RunAsync("backup", "-h")).Output,
            Does.Contain("<FILE>").And.Contain("--include-keys").And.Contain("with checksums")
        );

    [TestCase("version")]
    [TestCase("--version")]
    public async Task Version_InEverySpelling_IsPrinted(string word) =>
        Assert.That((await RunAsync(word)).Output, Does.Match(@"^\d+\.\d+\.\d+"));

    [TestCase("migrat", "migrate")]
    [TestCase("backups", "backup")]
    public async Task Run_WhenCommandIsUnknown_SuggestsTheNearest(string word, string nearest)
    {
        var (code, output, error) = await RunAsync(word);
        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(error, Does.Contain($"'{word}'").And.Contain("Did you mean").And.Contain(nearest));
    }

    [TestCase("backup")]
    [TestCase("restore", "a", "b")]
    [TestCase("serve", "now")]
    [TestCase("xyzzy")]
    public async Task Run_WhenOperandsDoNotFit_IsAUsageError(params string[] words)
    {
        var (code, output, error) = await RunAsync(words);
        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(error, Does.Contain(words.Length > 1 ? words[^1] : words[0]).And.Not.Contain("Usage:"));
    }

    [Test]
    public void Run_WhenASettingHasNoValue_NamesIt() =>
        Assert.That(
            () => RunAsync("serve", "--port"),
            Throws.TypeOf<SettingsException>().With.Message.EqualTo("--port: a value is missing")
        );

    [Test]
    public void Run_WhenOperandsFit_ReadsTheSettings() =>
        Assert.That(
            () => RunAsync("backup", "file", "--include-keys", "--port", "many", "--jobs-concurrency=none"),
            Throws.TypeOf<SettingsException>().With.Message.Contains("WOMBAT_PORT").And.Message.Contains("WOMBAT_JOBS_CONCURRENCY")
        );

    [Test]
    public async Task Suggest_WhenACommandIsBegun_CompletesIt() =>
        Assert.That((await RunAsync("[suggest:3]", "bac")).Output.Trim(), Is.EqualTo("backup"));

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
        Assert.That(right.Output, Does.Contain("The configuration is valid."));
        Assert.That(Directory.Exists(data), Is.False, "nothing was created");
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
