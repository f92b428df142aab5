using Microsoft.Extensions.DependencyInjection;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>The handlers by kind. Only the requested handler is created.</summary>
public sealed class JobHandlers(IServiceProvider services)
{
    /// <summary>Returns null if there is no handler for the kind.</summary>
    public IJobHandler? Find(string kind) => services.GetKeyedService<IJobHandler>(kind);

    /// <exception cref="JobFailedException">There is no handler for the kind.</exception>
    public IJobHandler Get(string kind) =>
        Find(kind)
        ?? throw new JobFailedException(ErrorCode.UnknownKind, $"This version of Wombat has no handler for jobs of kind {kind}.");

    public static EndedJob Describe(Job job) => new(job.Id, job.Kind, job.ProjectId, job.ResourceId, job.State, job.Error!);
}
