using AutoMapper;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Projects;
using Wombat.Domain.Users;

namespace Wombat.Application.Projects;

[Requires(Permission.ProjectCreate)]
public sealed record CreateProject(string Name, string UnixName, ProjectDetails Details) : IRequest<ProjectDto>, ICreates;

internal sealed class CreateProjectValidator : AbstractValidator<CreateProject>
{
    public CreateProjectValidator()
    {
        RuleFor(m => m.Name).ProjectName();
        RuleFor(m => m.UnixName).UnixName();
        RuleFor(m => m.Details).SetValidator(new ProjectDetailsValidator());
    }
}

internal sealed class CreateProjectHandler(IWombatDbContext db, IMapper mapper, Journal journal, Actions actions, RequestContext context, TimeProvider clock) : IRequestHandler<CreateProject, ProjectDto>
{
    public async Task<ProjectDto> Handle(CreateProject request, CancellationToken cancellationToken)
    {
        var name = await db.NormalizeNameAsync("name", request.Name, Project.NameMax, cancellationToken);
        var project = Project.Create(name, request.UnixName, request.Details, clock.GetUtcNow());
        var dto = mapper.Map<Project, ProjectDto>(project);
        db.Projects.Add(project);
        if (context.Caller!.UserId is { } creator)
        {
            db.Members.Add(Member.Create(project.Id, creator, ProjectRole.ProjectManager, project.CreatedAt));
        }

        journal.Record("project.created", "project", project.Id, project.Id, after: dto);
        await db.SaveChangesAsync(cancellationToken);
        return actions.Show(dto, Standing.Full);
    }
}
