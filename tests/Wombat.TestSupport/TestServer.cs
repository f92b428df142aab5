using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wombat.Api.Hosting;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;

namespace Wombat.TestSupport;

/// <summary>Wombat in this process, with its own port and database.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly TestFolder folder;
    private readonly bool ownsFolder;

    private TestServer(WebApplication app, TestFolder folder, bool ownsFolder, string connectionString, int port, string token)
    {
        (App, this.folder, this.ownsFolder, ConnectionString) = (app, folder, ownsFolder, connectionString);
        Client = new WombatClient(port, token);
    }

    public WebApplication App { get; }

    public string ConnectionString { get; }

    public WombatClient Client { get; }

    public string DataDirectory => folder.Path;

    public IServiceProvider Services => App.Services;

    /// <summary>
    /// Assemblies that contribute resource kinds and plugin types to every server of this process: EF Core's compiled queries allow one
    /// model only.
    /// </summary>
    public static IReadOnlyList<Assembly> Extensions { get; set; } = [];

    /// <param name="settings">Settings as in the environment, without WOMBAT_.</param>
    /// <param name="share">Another server whose database and data directory this one shares: a replica.</param>
    /// <param name="replicaOf">Another server whose database this one shares, with a data directory of its own.</param>
    /// <param name="dataDirectory">Kept when the server is disposed of; null for one of its own.</param>
    /// <param name="configure">Maps further endpoints before the server starts.</param>
    /// <param name="alter">Changes the services before the server is built.</param>
    /// <param name="cli">The lines of a <see cref="ScriptedCli"/> that makes the containers, kept in the data directory.</param>
    public static async Task<TestServer> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null,
        TestServer? share = null,
        string? cli = null,
        TestServer? replicaOf = null,
        TestFolder? dataDirectory = null,
        Action<WebApplication>? configure = null,
        Action<IServiceCollection>? alter = null
    )
    {
        var folder = share?.folder ?? dataDirectory ?? new TestFolder();
        var connectionString = (share ?? replicaOf)?.ConnectionString ?? await SharedPostgres.NewMigratedDatabaseAsync();
        var port = settings?.GetValueOrDefault("PORT") is { } chosen ? int.Parse(chosen) : FreePort.Next();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_DATA_DIR"] = folder.Path,
            ["WOMBAT_PORT"] = port.ToString(),
            ["WOMBAT_LOG_LEVEL"] = "error",
            ["WOMBAT_JOBS_RETRY_BASE_SECONDS"] = "0.05",
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",

            // The limit is off, because tests search for single refused requests among those of a whole fixture.
            ["WOMBAT_AUDIT_REFUSALS_PER_MINUTE"] = "0",
        };
        if (cli is not null)
        {
            environment["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "true";
            environment["WOMBAT_PLUGINS_PROXMOX_CLI_PATH"] = ScriptedCli.Write(folder.Path, "cli", cli);
        }

        foreach (var (name, value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            environment["WOMBAT_" + name] = value;
        }

        var app = WombatApplication.Build(
            WombatSettings.Read(environment, new Dictionary<string, string>(StringComparer.Ordinal), Extensions),
            connectionString,
            alter
        );
        configure?.Invoke(app);
        await app.Services.GetRequiredService<StartupTasks>().RunAsync(CancellationToken.None);
        await app.StartAsync();
        var token = (await File.ReadAllTextAsync(Path.Combine(replicaOf?.DataDirectory ?? folder.Path, "admin-token"))).Trim();
        return new TestServer(app, folder, share is null && dataDirectory is null, connectionString, port, token);
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public Task ExecuteAsync(string sql) => ScalarAsync<object>(sql);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        if (ownsFolder)
        {
            // The servers of local databases run on when Wombat stops.
            foreach (var plugin in Services.GetRequiredService<PluginRegistry>().All.OfType<IDatabaseProvider>())
            {
                await (plugin is IStopsLocalResources local ? local.StopAllAsync(CancellationToken.None) : Task.CompletedTask);
            }
        }

        await App.DisposeAsync();
        if (ownsFolder)
        {
            folder.Dispose();
        }
    }
}
