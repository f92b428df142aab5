using AutoMapper;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>A job that the request started, queued again or asked to stop.</summary>
public sealed class AcceptedJob : JobDto
{
    /// <summary>The job's id, under the name that every 202 answer has it.</summary>
    public Guid JobId { get; init; }

    internal static AcceptedJob Of(Job job, IMapper mapper, JobActions actions)
    {
        var answer = mapper.Map<AcceptedJob>(job);
        actions.Apply(answer);
        return answer;
    }
}
