using Microsoft.Extensions.Logging;
using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Creates the data source and initializes each of its connections. A role or database may have time limits meant for people, such as
/// statement_timeout: they would end migrations, waits for locks and the event sequencer. Wombat's own limit is the command timeout.
/// </summary>
internal static class ConnectionSettings
{
    private const string NoTimeLimits = "set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0";
    private const int FirstWithTransactionTimeout = 17;

    public static NpgsqlDataSource CreateDataSource(NpgsqlConnectionStringBuilder connectionString, ILoggerFactory logs) =>
        new NpgsqlDataSourceBuilder(connectionString.ConnectionString)
            .UseLoggerFactory(logs)
            .UsePhysicalConnectionInitializer(Initialize, InitializeAsync)
            .Build();

    private static void Initialize(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(SettingsFor(connection), connection);
        command.ExecuteNonQuery();
    }

    private static async Task InitializeAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(SettingsFor(connection), connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string SettingsFor(NpgsqlConnection connection) =>
        connection.PostgreSqlVersion.Major >= FirstWithTransactionTimeout ? $"{NoTimeLimits}; set transaction_timeout = 0" : NoTimeLimits;
}
