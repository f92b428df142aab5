using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>What a container used in the last minutes, the oldest first.</summary>
[RequirePermission(Permission.ContainerRead)]
public sealed record ListContainerMetrics(Guid ProjectId, Guid Id, int Minutes) : IRequest<Page<ContainerSampleDto>>, IProjectScoped
{
    public const int DefaultMinutes = 60;

    /// <summary>Samples are kept for a day.</summary>
    public const int MinutesMax = 24 * 60;

    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class ListContainerMetricsValidator : AbstractValidator<ListContainerMetrics>
{
    public ListContainerMetricsValidator() =>
        RuleFor(m => m.Minutes)
            .InclusiveBetween(1, ListContainerMetrics.MinutesMax)
            .WithMessage($"must be from 1 to {ListContainerMetrics.MinutesMax}");
}

internal sealed class ListContainerMetricsHandler(IWombatDbContext db, IContainerSamples samples, TimeProvider clock)
    : IRequestHandler<ListContainerMetrics, Page<ContainerSampleDto>>
{
    public async Task<Page<ContainerSampleDto>> Handle(ListContainerMetrics request, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow() - TimeSpan.FromMinutes(request.Minutes);
        return await db.Containers.AnyAsync(c => c.Id == request.Id && c.ProjectId == request.ProjectId, cancellationToken)
            ? new Page<ContainerSampleDto>(await samples.ReadAsync(request.Id, since, cancellationToken), NextCursor: null)
            : throw new NotFoundException(Container.KindName);
    }
}
