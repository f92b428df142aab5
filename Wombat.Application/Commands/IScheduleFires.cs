namespace Wombat.Application.Commands;

/// <summary>Lets schedules fire. Any replica may do it at any time: each time of a schedule is handled once.</summary>
public interface IScheduleFires
{
    /// <summary>
    /// Handles the oldest time of a schedule that has come: requests its run, or records why that was refused. Does nothing if there is no
    /// such time. Needs a scope of its own.
    /// </summary>
    /// <returns>Whether another time of the schedule has come.</returns>
    Task<bool> FireAsync(Guid schedule, Guid command, DateTimeOffset now, CancellationToken cancel);

    /// <summary>
    /// Lets a schedule wait that could not be handled at all, so that it does not fail again and again. Needs a scope of its own.
    /// </summary>
    Task PostponeAsync(Guid schedule, DateTimeOffset now, CancellationToken cancel);
}
