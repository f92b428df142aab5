using Microsoft.Extensions.DependencyInjection;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>The handlers by kind; only the one asked for is made.</summary>
public sealed class JobHandlers(IServiceProvider services)
{
    /// <summary>Null where nothing here does that kind of job.</summary>
    public IJobHandler? Find(string kind) => services.GetKeyedService<IJobHandler>(kind);

    /// <exception cref="JobFailedException">Nothing here does that kind of job.</exception>
    public IJobHandler Get(string kind) =>
        Find(kind) ?? throw new JobFailedException(ErrorCode.UnknownKind, $"This Wombat has no handler for jobs of kind {kind}.");

    public static EndedJob Describe(Job job) => new(job.Id, job.Kind, job.ProjectId, job.ResourceId, job.State, job.Error!);
}
