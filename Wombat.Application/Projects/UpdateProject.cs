using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <param name="UnixName">Immutable: null, or as it is.</param>
/// <param name="IfMatch">The versions that the caller has seen; null to change whatever is there.</param>
[RequirePermission(Permission.ProjectUpdate)]
public sealed record UpdateProject(Guid Id, string Name, string? UnixName, ProjectDetails Details, ExpectedVersions? IfMatch)
    : IRequest<ProjectDto>,
        IProjectScoped
{
    Guid? IProjectScoped.ProjectId => Id;
}

internal sealed class UpdateProjectValidator : AbstractValidator<UpdateProject>
{
    public UpdateProjectValidator()
    {
        RuleFor(m => m.Name).ProjectName();
        RuleFor(m => m.Details).SetValidator(new ProjectDetailsValidator());
    }
}

internal sealed class UpdateProjectHandler(IWombatDbContext db, IMapper mapper, AuditLog auditLog, ProjectActions actions, TimeProvider clock)
    : IRequestHandler<UpdateProject, ProjectDto>
{
    public async Task<ProjectDto> Handle(UpdateProject request, CancellationToken cancellationToken)
    {
        var project =
            await db.Projects.SingleOrDefaultAsync(p => p.Id == request.Id, cancellationToken) ?? throw new NotFoundException("project");
        request.IfMatch?.Ensure(project.Version);

        if (request.UnixName is { } unixName && unixName != project.UnixName)
        {
            throw new InvalidInputException("unix_name", "cannot be changed");
        }

        var before = mapper.Map<ProjectDto>(project);
        project.Update(
            await db.NormalizeNameAsync("name", request.Name, Project.NameMax, cancellationToken),
            request.Details,
            clock.GetUtcNow()
        );
        var after = mapper.Map<ProjectDto>(project);
        auditLog.Record("project.updated", "project", project.Id, project.Id, before, after);
        await db.SaveChangesAsync(cancellationToken);
        return actions.Apply(after);
    }
}
