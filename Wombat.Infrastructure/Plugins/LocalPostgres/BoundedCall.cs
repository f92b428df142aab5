using Npgsql;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Bounds a call of the plugin in time and translates its failures.</summary>
internal static class BoundedCall
{
    /// <exception cref="ExternalSystemException">The call failed or took longer than the limit.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan limit, CancellationToken cancel)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        both.CancelAfter(limit);
        try
        {
            return await call(both.Token);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
        catch (Exception e) when (both.IsCancellationRequested && e is not ExternalSystemException)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, $"The call took longer than {limit.TotalSeconds} s.", inner: e);
        }
        catch (Exception e) when (KindOf(e) is { } kind)
        {
            var message = e is PostgresException p ? $"PostgreSQL: {p.MessageText}" : e.Message;
            throw new ExternalSystemException(kind, message, inner: e);
        }
    }

    private static ExternalFailure? KindOf(Exception e) =>
        e switch
        {
            PostgresException p when !DatabaseErrors.IsUnavailable(p) => ExternalFailure.Unknown,
            NpgsqlException or TimeoutException or IOException or UnauthorizedAccessException => ExternalFailure.Unavailable,
            ProgramMissingException or ServerStartException or SettingsException => ExternalFailure.Unavailable,
            _ => null,
        };
}
