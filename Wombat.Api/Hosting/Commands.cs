using System.Collections;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Wombat.Application.Audit;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Audit;
using Wombat.Infrastructure.Backup;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Identity;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Secrets;

namespace Wombat.Api.Hosting;

/// <summary>What the program can do besides serving, each on the same settings.</summary>
internal static class Commands
{
    public static async Task<int> RunAsync(CommandLine line)
    {
        var environment = Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        var settings = WombatSettings.Read(environment, line.Settings);
        return line.Command switch
        {
            "serve" => await ServeAsync(settings),
            "migrate" => await WithDatabaseAsync(
                settings,
                async (app, cancel) =>
                {
                    var applied = await app.Services.GetRequiredService<Migrator>().MigrateAsync(cancel);
                    Console.WriteLine(applied == 0 ? "The database is up to date." : $"Applied {applied} migrations.");
                }
            ),
            "admin-token" => await WithDatabaseAsync(
                settings,
                async (app, cancel) =>
                {
                    var token = app.Services.GetRequiredService<AdminToken>();
                    await token.RenewAsync(cancel);
                    Console.WriteLine($"A new admin token lies in {token.Path}; older ones no longer work.");
                },
                besidesOthers: true
            ),
            "rotate-secrets" => await WithDatabaseAsync(
                settings,
                async (app, cancel) =>
                {
                    var count = await app.Services.GetRequiredService<SecretRotation>().RunAsync(cancel);
                    Console.WriteLine(
                        $"{count} stored secrets are sealed with the first key of {app.Services.GetRequiredService<SecretBox>().FilePath}; the others in it are no longer needed by this database."
                    );
                },
                besidesOthers: true
            ),
            "check-config" => await CheckConfigurationAsync(settings),
            "backup" => await WithDatabaseAsync(
                settings,
                (app, cancel) =>
                    BackupCommands.BackupAsync(
                        app.Services,
                        settings,
                        line.Operands[0],
                        line.Flags.Contains(CommandLine.IncludeKeys),
                        cancel
                    ),
                besidesOthers: true
            ),
            "restore" => await WithDatabaseAsync(
                settings,
                (app, cancel) => BackupCommands.RestoreAsync(app.Services, settings, line.Operands[0], cancel)
            ),
            "audit-verify" => await VerifyAuditAsync(settings),
            "openapi" => await WriteOpenApiAsync(settings, line.Operands),
            _ => throw new CommandLineException($"{line.Command}: is not a command"),
        };
    }

    private static async Task<int> ServeAsync(WombatSettings settings)
    {
        using var signals = new StopSignals();
        using var taken = TakeDirectory(settings);
        if (taken is null)
        {
            return 1;
        }

        PortCheck.Ensure(settings.Address, settings.Port);
        try
        {
            await using var postgres = settings.ConnectionString is null ? new EmbeddedPostgres(settings) : null;
            var connectionString = postgres?.ConnectionString() ?? settings.ConnectionString!;

            // The server starts while the application is put together.
            var database = postgres?.StartAsync(signals.Token) ?? Task.CompletedTask;
            await using var app = WombatApplication.Build(settings, connectionString);
            app.Services.GetRequiredService<SecretBox>(); // a wrong key file must stop us here, before anything is changed
            app.Services.GetRequiredService<AuditKey>();
            await database;
            postgres?.Supervise(app.Logger);
            await app.Services.GetRequiredService<StartupTasks>().RunAsync(signals.Token);
            await app.StartAsync();
            PrintStartupBanner(app, settings);
            await app.WaitForShutdownAsync(signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            Console.WriteLine("Stopped before it was ready.");
        }

        return 0;
    }

    // Beyond the settings themselves: what they name on this machine. No server is contacted.
    private static async Task<int> CheckConfigurationAsync(WombatSettings settings)
    {
        var problems = new List<string>();
        await CheckAsync(
            problems,
            () => Task.FromResult(settings.ConnectionString is null ? PostgresBinaries.Find(settings.PostgresBinaries) : null)
        );
        await using var app = WombatApplication.Build(settings, settings.ConnectionString ?? "Host=127.0.0.1");
        await CheckAsync(problems, () => app.Services.GetRequiredService<PluginRegistry>().InitializeAsync(CancellationToken.None));

        // Where a key file does not exist yet, the start makes one; this does not.
        var keys = KeyFiles.Of(settings);
        if (settings.SecretsKeyFile is not null || File.Exists(keys[0].Path))
        {
            await CheckAsync(problems, () => Task.FromResult(app.Services.GetRequiredService<SecretBox>()));
        }

        if (settings.Audit.SigningKeyFile is not null || File.Exists(keys[1].Path))
        {
            await CheckAsync(problems, () => Task.FromResult(app.Services.GetRequiredService<AuditKey>()));
        }

        if (problems.Count > 0)
        {
            throw new SettingsException(problems);
        }

        Console.WriteLine("The configuration is in order.");
        return 0;
    }

    private static async Task CheckAsync(List<string> problems, Func<Task> check)
    {
        try
        {
            await check();
        }
        catch (Exception e) when (e is SettingsException or PluginConfigurationException)
        {
            problems.Add(e.Message);
        }
    }

    private static async Task<int> VerifyAuditAsync(WombatSettings settings)
    {
        AuditVerification? found = null;
        var code = await WithDatabaseAsync(
            settings,
            async (app, cancel) => found = await app.Services.GetRequiredService<IAuditVerifier>().VerifyAsync(cancel),
            besidesOthers: true
        );
        if (found is null)
        {
            return code;
        }

        Console.WriteLine(
            found.Broken is { } broken
                ? $"The audit is broken at position {broken.Position}{(broken.EventId is { } id ? $" (event {id})" : "")}: {broken.Problem}"
                : $"The audit is intact: {found.Events} events from position {found.FromPosition} to {found.ToPosition}, {found.Heads} signed heads."
        );
        return found.Intact ? 0 : 1;
    }

    /// <param name="besidesOthers">Whether the work disturbs nobody, so that a Wombat may run on the same data directory meanwhile.</param>
    private static async Task<int> WithDatabaseAsync(
        WombatSettings settings,
        Func<WebApplication, CancellationToken, Task> work,
        bool besidesOthers = false
    )
    {
        using var signals = new StopSignals();

        // On a server of someone else's, replicas may run meanwhile; on our own, its Wombat must not.
        await using var postgres = settings.ConnectionString is null ? new EmbeddedPostgres(settings) : null;
        using var taken =
            postgres is null ? null
            : besidesOthers ? DataDirectoryLock.TryTake(settings.DataDirectory)
            : TakeDirectory(settings);
        var connectionString = postgres?.ConnectionString() ?? settings.ConnectionString!;
        if (postgres is not null && taken is null && !besidesOthers)
        {
            return 1;
        }

        if (postgres is not null && taken is not null)
        {
            await postgres.StartAsync(signals.Token);
        }

        await using var app = WombatApplication.Build(settings, connectionString);
        await app.Services.GetRequiredService<StartupTasks>().WaitAsync(signals.Token);
        await work(app, signals.Token);
        return 0;
    }

    private static async Task<int> WriteOpenApiAsync(WombatSettings settings, IReadOnlyList<string> operands)
    {
        var file = operands[0];
        await using var app = WombatApplication.Build(settings, "Host=127.0.0.1");
        var document = await app
            .Services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1")
            .GetOpenApiDocumentAsync(CancellationToken.None);
        await File.WriteAllTextAsync(
            file,
            await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_0, CancellationToken.None) + "\n"
        );
        return 0;
    }

    private static DataDirectoryLock? TakeDirectory(WombatSettings settings)
    {
        var taken = DataDirectoryLock.TryTake(settings.DataDirectory);
        if (taken is null)
        {
            Console.Error.WriteLine($"Another Wombat already runs on {settings.DataDirectory}.");
        }

        return taken;
    }

    private static void PrintStartupBanner(WebApplication app, WombatSettings settings)
    {
        var address = $"http://{settings.Address}:{settings.Port}";
        Console.WriteLine($"Wombat is ready at {address}");
        Console.WriteLine($"  API page      {address}/docs");
        Console.WriteLine($"  admin token   {app.Services.GetRequiredService<AdminToken>().LocationMessage}");
        Console.WriteLine("  stop it with Ctrl-C");
    }
}
