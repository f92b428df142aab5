using System.Text.Json;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Jobs;

/// <summary>One attempt at a job, as its handler sees it.</summary>
/// <param name="Arguments">JSON; <see cref="ReadArguments"/> reads it.</param>
/// <param name="RequestedBy">Whose work it is.</param>
/// <param name="ParentId">The job whose handler created this one.</param>
/// <param name="Progress">The progress that an earlier run reported; null on the first run.</param>
public sealed record JobRun(
    Guid Id,
    string Kind,
    int Attempt,
    int MaxAttempts,
    Guid? ProjectId,
    Guid? ResourceId,
    string Arguments,
    Actor RequestedBy,
    Guid? ParentId,
    short? Progress,
    IJobLog Log
)
{
    /// <summary>
    /// Lets another job have the slot of this one, which only waits for other jobs from now on: otherwise it could occupy the slot that
    /// they need.
    /// </summary>
    public Action ReleaseSlot { get; init; } = () => { };

    /// <summary>Cancelled when the worker stops and the job waits for others: it throws <see cref="JobSnoozedException"/> then.</summary>
    public CancellationToken Stopping { get; init; }

    /// <exception cref="JobFailedException">The job was created by a version with other arguments.</exception>
    public TArguments ReadArguments<TArguments>()
        where TArguments : class
    {
        try
        {
            return JsonSerializer.Deserialize<TArguments>(Arguments, WombatJson.Options)!;
        }
        catch (JsonException e)
        {
            throw new JobFailedException(ErrorCode.InvalidArguments, $"This version cannot read the arguments of the job: {e.Message}");
        }
    }
}
