using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>Wombat's advisory locks of PostgreSQL. A lock belongs to the connection or transaction that took it and ends with it.</summary>
public sealed record AdvisoryLock(long Key)
{
    public static readonly AdvisoryLock EventSequencer = new(0x574f4d_0001);
    public static readonly AdvisoryLock Reconciler = new(0x574f4d_0002);
    public static readonly AdvisoryLock Startup = new(0x574f4d_0003);
    public static readonly AdvisoryLock DirectorySchedule = new(0x574f4d_0004);

    /// <summary>Acquires the lock for the connection. Returns false if another connection holds it.</summary>
    public async Task<bool> TryAcquireAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = Command("select pg_try_advisory_lock($1)", connection);
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>
    /// Releases the lock that <see cref="TryAcquireAsync"/> acquired. If this fails, the pool closes the connection, which releases the
    /// lock.
    /// </summary>
    public async Task ReleaseAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var command = Command("select pg_advisory_unlock($1)", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            NpgsqlConnection.ClearPool(connection);
        }
    }

    /// <summary>Waits for the lock without a time limit, and holds it until the end of the transaction.</summary>
    public async Task AcquireForTransactionAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = Command("select pg_advisory_xact_lock($1)", connection);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancel);
    }

    private NpgsqlCommand Command(string sql, NpgsqlConnection connection) =>
        new(sql, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = Key } } };
}
