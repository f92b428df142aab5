using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

[RequirePermission(Permission.ProjectRead)]
public sealed record GetProject(Guid Id) : IRequest<ProjectDto>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => Id;
}

internal sealed class GetProjectHandler(ProjectReads reads, IMapper mapper, ProjectActions actions)
    : IRequestHandler<GetProject, ProjectDto>
{
    public async Task<ProjectDto> Handle(GetProject request, CancellationToken cancellationToken) =>
        actions.Apply(
            mapper.Map<Project, ProjectDto>(await reads.ByIdAsync(request.Id, cancellationToken) ?? throw new NotFoundException("project"))
        );
}
