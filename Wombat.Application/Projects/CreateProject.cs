using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Quotas;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Members;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

[RequirePermission(Permission.ProjectCreate)]
public sealed record CreateProject(string Name, string UnixName, ProjectDetails Details) : IRequest<ProjectDto>, IIdempotentCommand;

internal sealed class CreateProjectValidator : AbstractValidator<CreateProject>
{
    public CreateProjectValidator()
    {
        RuleFor(m => m.Name).ProjectName();
        RuleFor(m => m.UnixName).UnixName();
        RuleFor(m => m.Details).SetValidator(new ProjectDetailsValidator());
    }
}

internal sealed class CreateProjectHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    ProjectActions actions,
    IReservedProjectNames reserved,
    RequestContext context,
    QuotaLimits quotas,
    TimeProvider clock
) : IRequestHandler<CreateProject, ProjectDto>
{
    public Task<ProjectDto> Handle(CreateProject request, CancellationToken cancellationToken) =>
        context.Caller!.UserId is { } creator
            ? db.InTransactionAsync(cancel => CreateOfUserAsync(request, creator, cancel), cancellationToken)
            : CreateAsync(request, null, cancellationToken);

    // Counted under a lock on the user's row, so that concurrent requests cannot exceed the limit.
    private async Task<ProjectDto> CreateOfUserAsync(CreateProject request, Guid creator, CancellationToken cancel)
    {
        await db.LockUserAsync(creator, cancel);
        quotas.EnsureProjectFits(await db.Projects.CountAsync(p => p.CreatedById == creator, cancel));
        return await CreateAsync(request, creator, cancel);
    }

    private async Task<ProjectDto> CreateAsync(CreateProject request, Guid? creator, CancellationToken cancel)
    {
        if (!context.Caller!.IsAdmin && reserved.IsReserved(request.UnixName))
        {
            throw new ForbiddenException(
                ErrorCode.UnixNameReserved,
                $"Role mappings of the directory or the OpenID provider name a project {request.UnixName}. Only an admin can create it."
            );
        }

        var name = await db.NormalizeNameAsync("name", request.Name, Project.NameMax, cancel);
        var project = Project.Create(name, request.UnixName, request.Details, clock.GetUtcNow(), creator);
        var dto = mapper.Map<Project, ProjectDto>(project);
        db.Projects.Add(project);
        if (creator is { } user)
        {
            db.Members.Add(Member.Create(project.Id, user, ProjectRole.ProjectManager, project.CreatedAt));
        }

        auditLog.Record(EventAction.ProjectCreated, "project", project.Id, project.Id, after: dto);
        await db.SaveChangesAsync(cancel);
        return actions.Apply(dto, ProjectAccess.Full);
    }
}
