using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>Asks for a container; a job makes it.</summary>
[RequirePermission(Permission.ContainerCreate)]
public sealed record CreateContainer(
    Guid ProjectId,
    string Template,
    string? Name,
    int? Cpu,
    int? Memory,
    int? Disk,
    IReadOnlyList<string> SshKeys
) : IRequest<AcceptedContainer>, IIdempotentCommand, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class CreateContainerValidator : AbstractValidator<CreateContainer>
{
    public CreateContainerValidator()
    {
        RuleFor(m => m.Template)
            .NotEmpty()
            .WithMessage("is required")
            .MaximumLength(Container.TemplateMax)
            .WithMessage($"must have at most {Container.TemplateMax} characters")
            .Must(t => string.IsNullOrEmpty(t) || Container.TemplateRegex().IsMatch(t))
            .WithMessage("must be of letters, digits and . _ : / -");
        RuleFor(m => m.Name)
            .Must(n => n is null || n.Length is >= 1 and <= Container.NameMax && Container.NameRegex().IsMatch(n))
            .WithMessage($"must be 1 to {Container.NameMax} of a-z, 0-9 and -, beginning with a letter and not ending with -");
        RuleFor(m => m.Cpu)
            .InclusiveBetween(Container.CpuMin, Container.CpuMax)
            .WithMessage($"must be from {Container.CpuMin} to {Container.CpuMax}");
        RuleFor(m => m.Memory)
            .InclusiveBetween(Container.MemoryMinMiB, Container.MemoryMaxMiB)
            .WithMessage($"must be from {Container.MemoryMinMiB} to {Container.MemoryMaxMiB} (MiB)");
        RuleFor(m => m.Disk)
            .InclusiveBetween(Container.DiskMinGiB, Container.DiskMaxGiB)
            .WithMessage($"must be from {Container.DiskMinGiB} to {Container.DiskMaxGiB} (GiB)");
        RuleFor(m => m.SshKeys).Must(k => k.Count <= Container.SshKeysMax).WithMessage($"must be at most {Container.SshKeysMax}");
        RuleForEach(m => m.SshKeys).PublicKey();
    }
}

internal sealed class CreateContainerHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    ContainerPlanner planner,
    ContainerActions actions,
    QuotaLimits quotas,
    JobScheduler jobs
) : IRequestHandler<CreateContainer, AcceptedContainer>
{
    public async Task<AcceptedContainer> Handle(CreateContainer request, CancellationToken cancellationToken)
    {
        await planner.EnsureTemplateFitsAsync(request, cancellationToken);
        return await db.InTransactionAsync(cancel => CreateAsync(request, cancel), cancellationToken);
    }

    private async Task<AcceptedContainer> CreateAsync(CreateContainer request, CancellationToken cancel)
    {
        // Exclusive: the containers are counted under the lock.
        var container = planner.Make(await db.LockProjectAsync(request.ProjectId, exclusive: true, cancel), request);
        var living = await db.Containers.CountAsync(c => c.ProjectId == container.ProjectId && c.Status != ResourceStatus.Deleted, cancel);
        foreach (var (_, exceeded) in quotas.ExceededBy(container.Size, living))
        {
            throw exceeded;
        }

        var job = jobs.Enqueue(ResourceJobKinds.Provision, new JobTarget(container.ProjectId, container.Id));
        db.Containers.Add(container);
        auditLog.Record(
            EventAction.OfResource("container", "requested"),
            "container",
            container.Id,
            container.ProjectId,
            after: mapper.Map<ContainerDto>(container)
        );
        if (container.SshKeysOwnerId is { } owner)
        {
            auditLog.Record(
                EventAction.ContainerSshKeysGiven,
                "container",
                container.Id,
                container.ProjectId,
                after: new GivenKeysRecord(owner, GivenKeysRecord.FingerprintsOf(container.SshKeys))
            );
        }

        await db.SaveChangesAsync(cancel);
        return AcceptedContainer.Of(container, job, mapper, actions);
    }
}
