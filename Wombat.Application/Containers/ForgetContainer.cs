using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>Gives up a container whose outside system is gone for good. Nothing outside is touched.</summary>
/// <param name="Name">The container's name, typed once more.</param>
[RequirePermission(Permission.ContainerForget)]
public sealed record ForgetContainer(Guid ProjectId, Guid Id, string? Name) : IRequest<ContainerDto>, IIdempotentCommand, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class ForgetContainerValidator : AbstractValidator<ForgetContainer>
{
    public ForgetContainerValidator() => RuleFor(m => m.Name).NotEmpty().WithMessage("is required");
}

internal sealed class ForgetContainerHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    ContainerActions actions,
    PluginRegistry plugins,
    RequestContext context,
    TimeProvider clock
) : IRequestHandler<ForgetContainer, ContainerDto>
{
    // The outside system is gone or slow; an answer that takes longer does not come.
    private static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(10);

    public async Task<ContainerDto> Handle(ForgetContainer request, CancellationToken cancellationToken)
    {
        var container =
            await db.Containers.SingleOrDefaultAsync(c => c.Id == request.Id && c.ProjectId == request.ProjectId, cancellationToken)
            ?? throw new NotFoundException("container");
        if (request.Name != container.Name)
        {
            throw new InvalidInputException("name", "must be the container's name, to confirm");
        }

        container.EnsureForgettable();
        await EnsureNotSeenAsync(container, cancellationToken);
        return await db.InTransactionAsync(cancel => ForgetAsync(container, cancel), cancellationToken);
    }

    private async Task EnsureNotSeenAsync(Container container, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(StatusTimeout);
        try
        {
            var seen = await plugins.Get(container.Plugin).StatusAsync(container.Reference, timeout.Token);
            if (seen.State != ObservedState.Missing)
            {
                throw new ConflictException(
                    ErrorCode.StillThere,
                    $"{container.Plugin} still has {container.ExternalName}. Delete the container again."
                );
            }
        }
        catch (PluginException)
        {
            // Nobody answers: that is what forgetting is for.
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Neither does a system that hangs.
        }
    }

    private async Task<ContainerDto> ForgetAsync(Container container, CancellationToken cancel)
    {
        var active = await db.LockActiveJobsAsync([container.Id], cancel);
        await db.LockResourceAsync(container, cancel);
        if (active.Any(j => j.State == JobState.Running || j.Kind != ResourceJobKinds.Keys.Name))
        {
            throw new ConflictException(ErrorCode.JobsUnfinished, "The container's jobs have not ended. Cancel them first.");
        }

        foreach (var job in active)
        {
            job.Cancel(context.Caller!.Name, clock.GetUtcNow());
            JobEvents.RecordEnd(auditLog, job);
        }

        container.Forget(context.Caller!.Name, clock.GetUtcNow());
        ResourceEvents.Record(auditLog, container, "forgotten", "success");
        await db.SaveChangesAsync(cancel);
        return actions.Apply(mapper.Map<ContainerDto>(container));
    }
}
