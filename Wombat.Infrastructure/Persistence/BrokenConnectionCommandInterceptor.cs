using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Discards commands whose connection broke. Npgsql reuses a connection's last command. If the connection broke during the preparation
/// of the statement, the command stays in that state and fails on the next connection with a NullReferenceException, or leaves
/// prepared statements that the driver does not know (42P05).
/// </summary>
internal sealed class BrokenConnectionCommandInterceptor : DbCommandInterceptor
{
    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Discard(command, eventData.Exception);

    public override Task CommandFailedAsync(
        DbCommand command,
        CommandErrorEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        Discard(command, eventData.Exception);
        return Task.CompletedTask;
    }

    // A command without a connection is not reused after its disposal.
    private static void Discard(DbCommand command, Exception failure)
    {
        if (failure is NpgsqlException and not PostgresException)
        {
            command.Connection = null;
        }
    }
}
