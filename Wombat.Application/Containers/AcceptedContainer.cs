using AutoMapper;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Containers;

/// <summary>A container and the job that the request started for it.</summary>
public sealed class AcceptedContainer : ContainerDto
{
    /// <summary>The job that the request started; its status says when the work is done.</summary>
    public Guid JobId { get; set; }

    internal static AcceptedContainer Of(Container container, Job job, IMapper mapper, ContainerActions actions)
    {
        var answer = mapper.Map<AcceptedContainer>(container);
        answer.JobId = job.Id;
        actions.Apply(answer);
        return answer;
    }
}
