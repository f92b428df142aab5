using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>Wombat's advisory locks of PostgreSQL. A lock belongs to the connection or transaction that took it and ends with it.</summary>
public sealed record AdvisoryLock(long Key)
{
    public static readonly AdvisoryLock EventSequencer = new(0x574f4d_0001);
    public static readonly AdvisoryLock Reconciler = new(0x574f4d_0002);
    public static readonly AdvisoryLock Startup = new(0x574f4d_0003);
    public static readonly AdvisoryLock DirectorySchedule = new(0x574f4d_0004);
    public static readonly AdvisoryLock PublishedPorts = new(0x574f4d_0005);

    /// <summary>Acquires the lock for the connection. Returns false if another connection holds it.</summary>
    public Task<bool> TryAcquireAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ScalarAsync<bool>($"select pg_try_advisory_lock({Key})", cancel);

    /// <summary>
    /// Releases the lock that <see cref="TryAcquireAsync"/> acquired. If this fails, the pool closes the connection, which releases the
    /// lock.
    /// </summary>
    public async Task ReleaseAsync(NpgsqlConnection connection)
    {
        try
        {
            await connection.ExecuteAsync($"select pg_advisory_unlock({Key})", CancellationToken.None);
        }
        catch (Exception)
        {
            NpgsqlConnection.ClearPool(connection);
        }
    }

    /// <summary>Waits for the lock without a time limit, and holds it until the end of the transaction.</summary>
    public Task AcquireForTransactionAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync($"select pg_advisory_xact_lock({Key})", cancel, timeoutSeconds: 0);
}
