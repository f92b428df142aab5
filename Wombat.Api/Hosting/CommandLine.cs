using System.Collections;
using System.CommandLine;
using System.CommandLine.Invocation;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Api.Hosting;

/// <summary>The command line of <c>wombat</c>: <c>[COMMAND] [--SETTING VALUE]…</c>.</summary>
internal static class CommandLine
{
    public const int UsageError = 2;

    // An argument that begins with @ is a name and not a file of arguments.
    private static readonly ParserConfiguration Plain = new() { ResponseFileTokenReplacer = null };

    private static readonly string[] Switches = ["--help", "--version", "--include-keys"];

    /// <returns>The exit code.</returns>
    /// <exception cref="SettingsException">A setting is wrong or unknown.</exception>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var (words, settings) = TakeSettings(args);
        var parsed = Root(settings).Parse(words is ["help", .. var command] and not [.., "--help"] ? [.. command, "--help"] : words, Plain);
        var usage = parsed.Action as ParseErrorAction;
        usage?.ShowHelp = false;
        var invocation = new InvocationConfiguration
        {
            Output = usage is null ? output : error,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        var code = await parsed.InvokeAsync(invocation);
        return usage is null ? code : UsageError;
    }

    // Every setting is a switch, and what the settings do not know they report themselves.
    private static (List<string> Arguments, Dictionary<string, string> Settings) TakeSettings(string[] args)
    {
        var (words, settings) = (new List<string>(), new Dictionary<string, string>(StringComparer.Ordinal));
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || Switches.Contains(args[i]))
            {
                words.Add(args[i]);
            }
            else if (args[i].Split('=', 2) is [var name, var value])
            {
                settings[name[2..]] = value;
            }
            else
            {
                settings[args[i][2..]] = ++i < args.Length ? args[i] : throw new SettingsException(args[^1], "a value is missing");
            }
        }

        return (words, settings);
    }

    private static RootCommand Root(Dictionary<string, string> settings)
    {
        Func<ParseResult, CancellationToken, Task<int>> Run(Func<WombatSettings, ParseResult, Task<int>> command) =>
            (parsed, _) => command(ReadSettings(settings), parsed);

        var file = new Argument<string>("FILE") { Description = "Path of the file" };
        var includeKeys = new Option<bool>("--include-keys")
        {
            Description = "Add the key files (secrets-key, audit-key.pem) to the archive",
        };
        var serve = Run((s, _) => Commands.ServeAsync(s));
        var root = new RootCommand("Wombat: self-service for teams that run software")
        {
            new DetailedCommand("serve", "Start Wombat; the default", CommandTexts.Serve, serve),
            new DetailedCommand(
                "migrate",
                "Bring the database to this version without starting Wombat",
                CommandTexts.Migrate,
                Run((s, _) => Commands.MigrateAsync(s))
            ),
            new DetailedCommand(
                "down",
                "Stop the databases and containers of this machine",
                CommandTexts.Down,
                Run((s, _) => Commands.StopLocalResourcesAsync(s))
            ),
            new DetailedCommand(
                "check-config",
                "Check all settings and the files that they name; change nothing",
                CommandTexts.CheckConfig,
                Run((s, _) => Commands.CheckConfigurationAsync(s))
            ),
            new DetailedCommand(
                "backup",
                "Write all data into the archive FILE, also while Wombat runs",
                CommandTexts.Backup,
                Run((s, p) => Commands.BackupAsync(s, p.GetRequiredValue(file), p.GetValue(includeKeys)))
            )
            {
                file,
                includeKeys,
            },
            new DetailedCommand(
                "restore",
                "Load the archive FILE into an empty database",
                CommandTexts.Restore,
                Run((s, p) => Commands.RestoreAsync(s, p.GetRequiredValue(file)))
            )
            {
                file,
            },
            new DetailedCommand(
                "admin-token",
                "Revoke the admin token and write a new one, also while Wombat runs",
                CommandTexts.AdminToken,
                Run((s, _) => Commands.RenewAdminTokenAsync(s))
            ),
            new DetailedCommand(
                "audit-verify",
                "Verify the audit's hash chain and signatures, also while Wombat runs",
                CommandTexts.AuditVerify,
                Run((s, _) => Commands.VerifyAuditAsync(s))
            ),
            new DetailedCommand(
                "rotate-secrets",
                "Encrypt the stored secrets with a new key, also while Wombat runs",
                CommandTexts.RotateSecrets,
                Run((s, _) => Commands.RotateSecretsAsync(s))
            ),
            new DetailedCommand(
                "openapi",
                "Write the OpenAPI document to FILE",
                CommandTexts.OpenApi,
                Run((s, p) => Commands.WriteOpenApiAsync(s, p.GetRequiredValue(file)))
            )
            {
                file,
            },
            new Command("help", "Print the help of a command"),
        };
        root.SetAction(serve);
        var version = new Command("version", "Print the version");
        version.SetAction(parsed => root.Parse("--version").Invoke(parsed.InvocationConfiguration));
        root.Add(version);
        DetailedHelp.Install(root);
        return root;
    }

    private static WombatSettings ReadSettings(Dictionary<string, string> settings) =>
        WombatSettings.Read(
            Environment
                .GetEnvironmentVariables()
                .Cast<DictionaryEntry>()
                .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal),
            settings
        );
}
