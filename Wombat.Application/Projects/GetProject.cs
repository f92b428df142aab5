using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Projects;
using Wombat.Domain.Users;

namespace Wombat.Application.Projects;

[Requires(Permission.ProjectRead)]
public sealed record GetProject(Guid Id) : IRequest<ProjectDto>, IInProject
{
    Guid? IInProject.InProject => Id;
}

internal sealed class GetProjectHandler(IWombatDbContext db, IMapper mapper, Actions actions) : IRequestHandler<GetProject, ProjectDto>
{
    private static readonly Func<DbContext, Guid, Task<Project?>> ById = EF.CompileAsyncQuery(
        (DbContext context, Guid id) => context.Set<Project>().AsNoTracking().FirstOrDefault(p => p.Id == id));

    public async Task<ProjectDto> Handle(GetProject request, CancellationToken cancellationToken) =>
        actions.Show(mapper.Map<Project, ProjectDto>(await ById(db.Context, request.Id) ?? throw new NotFoundException("project")));
}
