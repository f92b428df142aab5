using System.Text.Json;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>
/// Adds jobs to what the caller saves, as the caller's work. A job that a handler adds has the handler's job as its parent.
/// </summary>
public sealed class JobScheduler(IWombatDbContext db, RequestContext context, TimeProvider clock)
{
    /// <param name="options">Those of the kind where null.</param>
    public Job Enqueue(JobKind kind, JobTarget? target = null, JobOptions? options = null) => Add(kind, "{}", target, options);

    /// <param name="options">Those of the kind where null.</param>
    public Job Enqueue<TArguments>(
        TypedJobKind<TArguments> kind,
        TArguments arguments,
        JobTarget? target = null,
        JobOptions? options = null
    )
        where TArguments : class => Add(kind, JsonSerializer.Serialize(arguments, WombatJson.Options), target, options);

    /// <param name="arguments">Of the type that the kind takes; null when it takes none.</param>
    public Job Enqueue(JobKind kind, object? arguments, JobTarget target) =>
        Add(kind, arguments is null ? "{}" : JsonSerializer.Serialize(arguments, arguments.GetType(), WombatJson.Options), target);

    private Job Add(JobKind kind, string arguments, JobTarget? target, JobOptions? options = null)
    {
        var actor = (context.Caller ?? Caller.System).Actor;
        var job = Job.Create(kind.Name, actor, clock.GetUtcNow(), target, arguments, options ?? kind.Options, context.JobId);
        db.Jobs.Add(job);
        return job;
    }
}
