using Npgsql;

namespace Wombat.Bench;

/// <summary>Clients of one database that run short statements and reconnect again and again.</summary>
internal sealed class ReconnectingClients(string credentials)
{
    private const int StatementsPerConnection = 20;

    private readonly CancellationTokenSource stop = new();
    private int statements;
    private int connections;
    private int failed;
    private int refused;

    /// <summary>The connection string of the next connections.</summary>
    public string Credentials { get; set; } = credentials;

    public int Statements => statements;

    public int Connections => connections;

    /// <summary>Statements that failed on an open connection.</summary>
    public int Failed => failed;

    /// <summary>Connections that the server refused.</summary>
    public int Refused => refused;

    public string LastFailure { get; private set; } = "no failure";

    public Task RunAsync(int count) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(ClientAsync)));

    public void Stop() => stop.Cancel();

    private async Task ClientAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            await using var connection = new NpgsqlConnection(Credentials);
            try
            {
                Interlocked.Increment(ref connections);
                await connection.OpenAsync();
            }
            catch (NpgsqlException e)
            {
                Interlocked.Increment(ref refused);
                LastFailure = e.Message;
                await Task.Delay(100);
                continue;
            }

            await RunStatementsAsync(connection);
        }
    }

    private async Task RunStatementsAsync(NpgsqlConnection connection)
    {
        try
        {
            for (var n = 0; n < StatementsPerConnection; n++)
            {
                await using var command = new NpgsqlCommand("select pg_sleep(0.01)", connection);
                await command.ExecuteScalarAsync();
                Interlocked.Increment(ref statements);
            }
        }
        catch (NpgsqlException e)
        {
            Interlocked.Increment(ref failed);
            LastFailure = e.Message;
        }
    }
}
