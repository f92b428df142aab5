namespace Wombat.Application.Persistence;

/// <summary>Distinguishes failures of the database from all others.</summary>
public interface IDatabaseAvailability
{
    /// <summary>
    /// Whether the database did not answer or ended the statement for its own reasons, so that the request is not the cause.
    /// </summary>
    bool IsUnavailable(Exception failure);

    /// <summary>Logs once that the database as a whole is unavailable, and once that it is back.</summary>
    /// <returns>False for another failure, which the caller has to log.</returns>
    bool Report(Exception failure);
}
