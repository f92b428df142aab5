using Wombat.Domain.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>A kind of job: its name, the permissions that retrying and cancelling need, and how its jobs are run.</summary>
/// <param name="name">Unique, such as <c>resource.provision</c>.</param>
/// <param name="retry">The permission to retry the job: the permission for the work that the job does.</param>
public class JobKind(string name, Permission retry)
{
    public string Name => name;

    public Permission Retry { get; } = retry;

    /// <summary>The permission to cancel the job; by default the same as for a retry.</summary>
    public Permission Cancel { get; init; } = retry;

    /// <summary>Whether the user who requested a job can read it after its project was deleted.</summary>
    public bool OutlivesProject { get; init; }

    /// <summary>
    /// Whether the work goes on while the database does not answer for some time. Another worker then takes the job later after the death
    /// of its worker.
    /// </summary>
    public bool OutlivesOutages { get; init; }

    public JobOptions Options { get; init; } = new();
}
