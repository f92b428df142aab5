using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>Changes a project: PUT with every field, PATCH with some.</summary>
/// <param name="UnixName">Cannot be changed: null, or the present one.</param>
/// <param name="IfMatch">The versions that the caller expects; null for any.</param>
[RequirePermission(Permission.ProjectUpdate)]
public sealed record UpdateProject(Guid Id, string? UnixName, ProjectChanges Changes, ExpectedVersions? IfMatch)
    : IRequest<ProjectDto>,
        IProjectScoped
{
    Guid? IProjectScoped.ProjectId => Id;
}

internal sealed class UpdateProjectValidator : AbstractValidator<UpdateProject>
{
    public UpdateProjectValidator()
    {
        RuleFor(m => m.Changes.Name.Value).ProjectName().When(m => m.Changes.Name.IsPresent).OverridePropertyName("name");

        // An absent field keeps a value that was valid when it was set.
        RuleFor(m => m.Changes.ApplyTo(ProjectDetails.Default))
            .SetValidator(new ProjectDetailsValidator())
            .OverridePropertyName("Details");
    }
}

internal sealed class UpdateProjectHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    ProjectActions actions,
    TimeProvider clock
) : IRequestHandler<UpdateProject, ProjectDto>
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
        var name = request.Changes.Name is { IsPresent: true, Value: { } given }
            ? await db.NormalizeNameAsync("name", given, Project.NameMax, cancellationToken)
            : project.Name;
        project.Update(name, request.Changes.ApplyTo(project.GetDetails()), clock.GetUtcNow());
        var after = mapper.Map<ProjectDto>(project);
        auditLog.Record(EventAction.ProjectUpdated, "project", project.Id, project.Id, before, after);
        await db.SaveChangesAsync(cancellationToken);
        return actions.Apply(after);
    }
}
