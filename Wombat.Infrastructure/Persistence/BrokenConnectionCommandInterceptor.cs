using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Takes commands whose connection broke out of use. Npgsql keeps a connection's last command for the next one; where the
/// break came while the statement was being prepared, it still believes so on the next connection: it fails there with a
/// NullReferenceException, and leaves prepared statements behind that the driver does not know of (42P05).
/// </summary>
internal sealed class BrokenConnectionCommandInterceptor : DbCommandInterceptor
{
    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Abandon(command, eventData.Exception);

    public override Task CommandFailedAsync(
        DbCommand command,
        CommandErrorEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        Abandon(command, eventData.Exception);
        return Task.CompletedTask;
    }

    // A command without a connection is not kept when it is disposed.
    private static void Abandon(DbCommand command, Exception failure)
    {
        if (failure is NpgsqlException and not PostgresException)
        {
            command.Connection = null;
        }
    }
}
