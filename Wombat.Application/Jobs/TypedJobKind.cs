using Wombat.Domain.Access;

namespace Wombat.Application.Jobs;

/// <summary>A kind of job that takes arguments.</summary>
/// <typeparam name="TArguments">Kept as JSON in the job's row; holds no secret.</typeparam>
public sealed class TypedJobKind<TArguments>(string name, Permission retry) : JobKind(name, retry)
    where TArguments : class
{
    /// <inheritdoc cref="JobRun.ReadArguments"/>
    public TArguments ArgumentsOf(JobRun run) => run.ReadArguments<TArguments>();
}
