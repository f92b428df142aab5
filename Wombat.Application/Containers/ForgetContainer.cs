using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Users;

namespace Wombat.Application.Containers;

/// <summary>Gives up a container whose outside system is gone for good. Nothing outside is touched.</summary>
/// <param name="Name">The container's name, typed once more.</param>
[Requires(Permission.ContainerForget)]
public sealed record ForgetContainer(Guid ProjectId, Guid Id, string? Name) : IRequest<ContainerDto>, ICreates, IInProject
{
    Guid? IInProject.InProject => ProjectId;
}

internal sealed class ForgetContainerValidator : AbstractValidator<ForgetContainer>
{
    public ForgetContainerValidator() => RuleFor(m => m.Name).NotEmpty().WithMessage("is required");
}

internal sealed class ForgetContainerHandler(IWombatDbContext db, IMapper mapper, Journal journal, Actions actions, RequestContext context, TimeProvider clock)
    : IRequestHandler<ForgetContainer, ContainerDto>
{
    public Task<ContainerDto> Handle(ForgetContainer request, CancellationToken cancellationToken) => db.InTransactionAsync(async cancel =>
    {
        var container = await db.Containers.SingleOrDefaultAsync(c => c.Id == request.Id && c.ProjectId == request.ProjectId, cancel) ?? throw new NotFoundException("container");
        if (request.Name != container.Name)
        {
            throw new InvalidInputException("name", "must be the container's name, to confirm");
        }

        await db.LockResourceAsync(container, cancel);
        if (await db.Jobs.AnyAsync(j => j.ResourceId == container.Id && (j.State == JobState.Queued || j.State == JobState.WaitingRetry || j.State == JobState.Running), cancel))
        {
            throw new ConflictException("jobs_unfinished", "Its jobs have not ended. Cancel them first.");
        }

        container.Forget(context.Caller!.Name, clock.GetUtcNow());
        ResourceEvents.Record(journal, container, "forgotten", "success");
        await db.SaveChangesAsync(cancel);
        return actions.Show(mapper.Map<ContainerDto>(container));
    }, cancellationToken);
}
