using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Removes the entry of a resource whose outside system is gone for good. Changes nothing outside Wombat.</summary>
/// <param name="Name">The name of the resource, as a confirmation.</param>
public sealed record ForgetResource<TDto>(Guid? ProjectId, Guid Id, string? Name)
    : IRequest<TDto>,
        IIdempotentCommand,
        IProjectScoped,
        IResourceScoped
    where TDto : ResourceDto
{
    Guid IResourceScoped.ResourceId => Id;
}

internal sealed class ForgetResourceValidator<TDto> : AbstractValidator<ForgetResource<TDto>>
    where TDto : ResourceDto
{
    public ForgetResourceValidator() => RuleFor(m => m.Name).NotEmpty().WithMessage("is required");
}

internal sealed class ForgetResourceHandler<TResource, TDto>(
    IWombatDbContext db,
    AuditLog auditLog,
    ResourceEvents events,
    ResourceMapper<TDto> mapper,
    PluginRegistry plugins,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<ForgetResource<TDto>, TDto>
    where TResource : Resource
    where TDto : ResourceDto
{
    // The outside system is usually gone, so do not wait longer.
    private static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(10);

    public async Task<TDto> Handle(ForgetResource<TDto> request, CancellationToken cancellationToken)
    {
        var resource = await db.Context.Set<TResource>().FindInProjectAsync(mapper.Kind, request.ProjectId, request.Id, cancellationToken);
        if (request.Name != resource.Name)
        {
            throw new InvalidInputException("name", $"must be the {resource.Kind}'s name, to confirm");
        }

        resource.EnsureForgettable();
        await EnsureMissingAsync(resource, cancellationToken);
        return await db.InTransactionAsync(cancel => ForgetAsync(resource, cancel), cancellationToken);
    }

    private async Task EnsureMissingAsync(TResource resource, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(StatusTimeout);
        try
        {
            var seen = await plugins.Get(resource.Plugin).StatusAsync(resource.Reference, timeout.Token);
            if (seen.State != ObservedState.Missing)
            {
                throw new ConflictException(
                    ErrorCode.StillThere,
                    $"{resource.Plugin} still has {resource.ExternalName}. Delete the {resource.Kind} again."
                );
            }
        }
        catch (ExternalSystemException)
        {
            // An outside system that does not answer is the usual reason to forget a resource.
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // A hanging outside system counts as one that does not answer.
        }
    }

    private async Task<TDto> ForgetAsync(TResource resource, CancellationToken cancel)
    {
        var active = await db.LockActiveJobsAsync([resource.Id], cancel);
        await db.LockResourceAsync(resource, cancel);
        if (active.Any(j => j.State == JobState.Running || mapper.Kind.IsLifecycleJob(j.Kind)))
        {
            throw new ConflictException(ErrorCode.JobsUnfinished, $"The {resource.Kind}'s jobs have not ended. Cancel them first.");
        }

        foreach (var job in active)
        {
            job.Cancel(context.Caller!.Name, clock.GetUtcNow());
            JobEvents.RecordEnd(auditLog, job);
        }

        resource.Forget(context.Caller!.Name, clock.GetUtcNow());
        events.Record(resource, "forgotten", "success");
        await db.SaveChangesAsync(cancel);
        return mapper.MapWithActions(resource);
    }
}
