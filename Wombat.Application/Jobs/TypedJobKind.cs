using System.Text.Json;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Jobs;

/// <summary>A kind of job that takes arguments.</summary>
/// <typeparam name="TArguments">Kept as JSON in the job's row; holds no secret.</typeparam>
public sealed class TypedJobKind<TArguments>(string name, Permission retry) : JobKind(name, retry)
    where TArguments : class
{
    /// <exception cref="JobFailedException">The job was created by a version with other arguments.</exception>
    public TArguments ArgumentsOf(JobRun run)
    {
        try
        {
            return JsonSerializer.Deserialize<TArguments>(run.Arguments, WombatJson.Options)!;
        }
        catch (JsonException e)
        {
            throw new JobFailedException(ErrorCode.InvalidArguments, $"This version cannot read the arguments of the job: {e.Message}");
        }
    }
}
