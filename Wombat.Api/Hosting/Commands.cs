using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Wombat.Api.Page;
using Wombat.Application.Audit;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Audit;
using Wombat.Infrastructure.Backup;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Identity;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Secrets;

namespace Wombat.Api.Hosting;

/// <summary>The commands of <c>wombat</c>; each returns its exit code.</summary>
internal static class Commands
{
    public static Task<int> MigrateAsync(WombatSettings settings) =>
        WithDatabaseAsync(
            settings,
            async (services, cancel) =>
            {
                var applied = await services.GetRequiredService<Migrator>().MigrateAsync(cancel);
                Console.WriteLine(applied == 0 ? "The database is up to date." : $"Applied {applied} migrations.");
            }
        );

    public static Task<int> RenewAdminTokenAsync(WombatSettings settings) =>
        WithDatabaseAsync(
            settings,
            async (services, cancel) =>
            {
                var token = services.GetRequiredService<AdminToken>();
                await token.RenewAsync(cancel);
                Console.WriteLine($"Wrote a new admin token to {token.Path}; older admin tokens are revoked.");
            },
            whileServing: true
        );

    public static Task<int> RotateSecretsAsync(WombatSettings settings) =>
        WithDatabaseAsync(
            settings,
            async (services, cancel) =>
            {
                var count = await services.GetRequiredService<SecretRotation>().RunAsync(cancel);
                var file = services.GetRequiredService<SecretBox>().FilePath;
                Console.WriteLine(
                    $"Encrypted {count} stored secrets with the first key of {file}; this database no longer needs the others."
                );
            },
            whileServing: true
        );

    public static Task<int> BackupAsync(WombatSettings settings, string file, bool includeKeys) =>
        WithDatabaseAsync(
            settings,
            (services, cancel) => BackupCommands.BackupAsync(services, settings, file, includeKeys, cancel),
            whileServing: true
        );

    public static Task<int> RestoreAsync(WombatSettings settings, string file) =>
        WithDatabaseAsync(settings, (services, cancel) => BackupCommands.RestoreAsync(services, settings, file, cancel));

    public static async Task<int> ServeAsync(WombatSettings settings)
    {
        using var signals = new StopSignals();
        using var taken = LockDataDirectory(settings);
        if (taken is null)
        {
            return 1;
        }

        PortCheck.Ensure(settings.Address, settings.Port);
        try
        {
            await using var postgres = settings.ConnectionString is null
                ? new EmbeddedPostgres(EmbeddedPostgresOptions.ForDataDirectory(settings.DataDirectory, settings.PostgresBinaries))
                : null;
            var connectionString = postgres?.ConnectionString() ?? settings.ConnectionString!;

            // PostgreSQL starts while the application is built.
            var database = postgres?.StartAsync(signals.Token) ?? Task.CompletedTask;
            await using var app = WombatApplication.Build(settings, connectionString);
            app.Services.GetRequiredService<SecretBox>(); // a wrong key file stops the start before anything is changed
            app.Services.GetRequiredService<AuditKey>();
            await database;
            postgres?.Supervise(app.Logger);
            await app.Services.GetRequiredService<StartupTasks>().RunAsync(signals.Token);
            await app.StartAsync();
            await PrintStartupBannerAsync(app, settings, signals.Token);
            await app.WaitForShutdownAsync(signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            Console.WriteLine("Stopped before Wombat was ready.");
        }

        return 0;
    }

    /// <summary>Stops the databases and containers of this machine. Needs no database.</summary>
    public static async Task<int> StopLocalResourcesAsync(WombatSettings settings)
    {
        using var signals = new StopSignals();
        using var taken = LockDataDirectory(settings);
        if (taken is null)
        {
            return 1;
        }

        await using var app = WombatApplication.Build(settings, settings.ConnectionString ?? "Host=127.0.0.1");
        foreach (var plugin in app.Services.GetRequiredService<PluginRegistry>().All.OfType<IStopsLocalResources>())
        {
            var stopped = await plugin.StopAllAsync(signals.Token);
            Console.WriteLine($"Plugin {((IPlugin)plugin).Name}: stopped {stopped}.");
        }

        return 0;
    }

    /// <summary>Also checks what the settings name on this machine. Contacts no server.</summary>
    public static async Task<int> CheckConfigurationAsync(WombatSettings settings)
    {
        var problems = new List<string>();
        await CheckAsync(
            problems,
            () => Task.FromResult(settings.ConnectionString is null ? PostgresBinaries.Find(settings.PostgresBinaries) : null)
        );
        await using var app = WombatApplication.Build(settings, settings.ConnectionString ?? "Host=127.0.0.1");
        await CheckAsync(problems, () => app.Services.GetRequiredService<PluginRegistry>().InitializeAsync(CancellationToken.None));

        // The start creates a missing key file of its own; this command does not.
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

        Console.WriteLine("The configuration is valid.");
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

    public static async Task<int> VerifyAuditAsync(WombatSettings settings)
    {
        AuditVerification? found = null;
        var code = await WithDatabaseAsync(
            settings,
            async (services, cancel) => found = await services.GetRequiredService<IAuditVerifier>().VerifyAsync(cancel),
            whileServing: true
        );
        if (found is null)
        {
            return code;
        }

        Console.WriteLine(
            found.Broken is { } broken
                ? $"The audit log is damaged at position {broken.Position}{(broken.EventId is { } id ? $" (event {id})" : "")}: "
                    + $"{broken.Problem}"
                : $"The audit log is intact: {found.Events} events from position {found.FromPosition} to {found.ToPosition}, "
                    + $"{found.Heads} signed heads."
        );
        return found.Intact ? 0 : 1;
    }

    /// <param name="whileServing">Whether the work may run while a Wombat serves on the same data directory.</param>
    private static async Task<int> WithDatabaseAsync(
        WombatSettings settings,
        Func<IServiceProvider, CancellationToken, Task> work,
        bool whileServing = false
    )
    {
        using var signals = new StopSignals();

        // On an external server replicas may run meanwhile; on the embedded one only commands that allow it.
        await using var postgres = settings.ConnectionString is null
            ? new EmbeddedPostgres(EmbeddedPostgresOptions.ForDataDirectory(settings.DataDirectory, settings.PostgresBinaries))
            : null;
        using var taken =
            postgres is null ? null
            : whileServing ? DataDirectoryLock.TryAcquire(settings.DataDirectory)
            : LockDataDirectory(settings);
        var connectionString = postgres?.ConnectionString() ?? settings.ConnectionString!;
        if (postgres is not null && taken is null && !whileServing)
        {
            return 1;
        }

        if (postgres is not null && taken is not null)
        {
            await postgres.StartAsync(signals.Token);
        }

        await using var app = WombatApplication.Build(settings, connectionString);
        await app.Services.GetRequiredService<StartupTasks>().WaitAsync(signals.Token);
        await work(app.Services, signals.Token);
        return 0;
    }

    public static async Task<int> WriteOpenApiAsync(WombatSettings settings, string file)
    {
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

    private static DataDirectoryLock? LockDataDirectory(WombatSettings settings)
    {
        var taken = DataDirectoryLock.TryAcquire(settings.DataDirectory);
        if (taken is null)
        {
            Console.Error.WriteLine($"Another Wombat is already running on {settings.DataDirectory}.");
        }

        return taken;
    }

    private static async Task PrintStartupBannerAsync(WebApplication app, WombatSettings settings, CancellationToken cancel)
    {
        var address = $"http://{settings.Address}:{settings.Port}";
        var token = app.Services.GetRequiredService<AdminToken>();
        Console.WriteLine($"Wombat is ready at {address}");
        if (settings.Roles.HasFlag(Roles.Api))
        {
            var isBuilt = app.Services.GetRequiredService<PageFiles>().Index is not null;
            Console.WriteLine($"  web page      {(isBuilt ? settings.PublicUrl + "/" : "not built; 'make page' builds it")}");
            if (isBuilt && token.IsNeeded)
            {
                Console.WriteLine($"  first admin   {settings.PublicUrl}/setup{await DescribeTokenAsync(token, cancel)}");
            }
        }

        Console.WriteLine($"  API page      {address}/docs");
        Console.WriteLine($"  admin token   {token.LocationMessage}");
        Console.WriteLine("  stop it with Ctrl-C");
    }

    // A terminal shows the token to the operator only, who can read its file too; other output may be kept, as in the journal of a service.
    // Browsers send no fragment to a server, so it is in no log either.
    private static async Task<string> DescribeTokenAsync(AdminToken token, CancellationToken cancel) =>
        !Console.IsOutputRedirected && await token.ReadAsync(cancel) is { } secret ? $"#token={secret}" : " with the admin token";
}
