using Npgsql;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.Cnpg;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

/// <summary>Tests of the plugin on a real API server, in a namespace of their own.</summary>
[Category("Slow")]
public abstract class CnpgTests
{
    private static int names;
    private readonly List<CnpgPlugin> plugins = [];

    protected KubernetesServer Server { get; private set; } = null!;

    protected CnpgOperator Operator { get; private set; } = null!;

    protected string Namespace { get; private set; } = null!;

    protected static CollectedLog Log => new();

    private protected CnpgPlugin Plugin { get; private set; } = null!;

    private protected CnpgObjects Objects { get; private set; } = null!;

    [SetUp]
    public async Task Connect()
    {
        Server = await SharedKubernetes.ServerAsync();
        Operator = await SharedKubernetes.OperatorAsync();
        Namespace = await SharedKubernetes.NewNamespaceAsync();
        Objects = new CnpgObjects(Server.Client);
        Plugin = NewPlugin();
    }

    [TearDown]
    public async Task RemoveEverything()
    {
        await Operator.ClearAsync(Namespace);
        while (Operator.Errors.TryDequeue(out var error))
        {
            await TestContext.Progress.WriteLineAsync($"stand-in operator: {error}");
        }

        plugins.ForEach(p => p.Dispose());
        plugins.Clear();
    }

    private protected CnpgPlugin NewPlugin(Func<CnpgOptions, CnpgOptions>? change = null)
    {
        var options = new CnpgOptions
        {
            Instance = "cnpg",
            Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat),
            Namespace = Namespace,
            UsesLoadBalancer = true,
            ObjectStore = new ObjectStoreOptions { Destination = "s3://stand-in/" },
            PollInterval = TimeSpan.FromMilliseconds(50),
        };
        var plugin = new CnpgPlugin(change?.Invoke(options) ?? options, TimeProvider.System);
        plugins.Add(plugin);
        return plugin;
    }

    protected static ProvisionRequest<DatabaseSpec> Request(TierSpec? tier = null)
    {
        var number = Interlocked.Increment(ref names);
        return new ProvisionRequest<DatabaseSpec>(
            new ResourceRef("database", $"wombat-{Guid.NewGuid():N}", $"db-{number}", null),
            new DatabaseSpec("standard")
            {
                Project = "shop",
                Purpose = "orders",
                Settings = tier ?? new TierSpec { ReadyTimeoutSeconds = 60 },
            }
        );
    }

    protected static TierSpec Pooled =>
        new()
        {
            PoolerInstances = 2,
            PoolMode = PoolMode.Transaction,
            ReadyTimeoutSeconds = 60,
        };

    protected static TierSpec BackedUp => new() { BackupSchedule = "0 3 * * *", ReadyTimeoutSeconds = 60 };

    private protected async Task<ResourceRef> CreateAsync(ProvisionRequest<DatabaseSpec> request)
    {
        var made = await Plugin.ProvisionAsync(request, Log, default);
        Assert.That(made.State, Is.EqualTo(ObservedState.Running), made.Note);
        return request.Resource with { ExternalId = made.ExternalId };
    }

    private protected async Task<NpgsqlConnection> ConnectAsync(ResourceRef database, string? user = null) =>
        await ConnectAsync(await Plugin.GetCredentialsAsync(database, user, default));

    private protected static async Task<NpgsqlConnection> ConnectAsync(DatabaseCredentials credentials)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder
            {
                Host = credentials.Host,
                Port = credentials.Port,
                Database = credentials.DatabaseName,
                Username = credentials.User,
                Password = credentials.Password,
                SslMode = SslMode.Require,
                Pooling = false,
                NoResetOnClose = true,
            }.ConnectionString
        );
        await connection.OpenAsync();
        return connection;
    }

    private protected async Task<string> QueryAsync(ResourceRef database, string sql, string? user = null)
    {
        await using var connection = await ConnectAsync(database, user);
        return await QueryAsync(connection, sql);
    }

    private protected static async Task<string> QueryAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync())?.ToString() ?? "";
    }

    protected static string ClusterOf(ProvisionRequest<DatabaseSpec> request) => CnpgNames.Cluster(request.Resource.ExternalName);

    protected sealed class CollectedLog : IPluginLog
    {
        public string? Made { get; private set; }

        public ValueTask ReportExternalIdAsync(string externalId)
        {
            Made = externalId;
            return ValueTask.CompletedTask;
        }

        public ValueTask WriteAsync(string line, CancellationToken cancel) => ValueTask.CompletedTask;
    }
}
