using Npgsql;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Connects to a server as its superuser, who has no password: the Unix socket admits Wombat's account alone.</summary>
internal static class SuperuserConnection
{
    public const string Database = "postgres";
    private const string User = "postgres";
    private const int FirstWithTransactionTimeout = 17;

    public static Task<NpgsqlConnection> OpenAsync(
        InstanceFolder folder,
        Instance instance,
        CancellationToken cancel,
        string database = Database
    ) => OpenAsync(folder, ServerConfiguration.PortOf(instance), instance.Version, database, cancel);

    /// <summary>The time of the server.</summary>
    public static async Task<DateTimeOffset> GetTimeAsync(this NpgsqlConnection connection, CancellationToken cancel) =>
        new(await connection.ScalarAsync<DateTime>($"select clock_timestamp()", cancel), TimeSpan.Zero);

    /// <param name="port">The port that names the socket.</param>
    /// <param name="database">
    /// The tenant's database can have hostile settings and objects: run nothing there that calls its functions.
    /// </param>
    public static async Task<NpgsqlConnection> OpenAsync(
        InstanceFolder folder,
        int port,
        int version,
        string database,
        CancellationToken cancel
    )
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = folder.Socket,
            Port = port,
            Username = User,
            Database = database,
            Pooling = false,
            Timeout = 10,
            CommandTimeout = 60,
            ApplicationName = "wombat",
            GssEncryptionMode = GssEncryptionMode.Disable,

            // They take precedence over what the owner of a database has set for it.
            Options =
                "-c search_path=pg_catalog -c statement_timeout=0 -c lock_timeout=10s -c role=none "
                + "-c default_transaction_read_only=off"
                + (version >= FirstWithTransactionTimeout ? " -c transaction_timeout=0" : ""),
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancel);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
