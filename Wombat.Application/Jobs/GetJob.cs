using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Jobs;

[RequirePermission(Permission.JobRead)]
public sealed record GetJob(Guid JobId) : IRequest<JobDto>, IJobScoped;

internal sealed class GetJobHandler(IWombatDbContext db, IMapper mapper, IJobLogReader logs, JobActions actions)
    : IRequestHandler<GetJob, JobDto>
{
    public async Task<JobDto> Handle(GetJob request, CancellationToken cancellationToken)
    {
        var job =
            await db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == request.JobId, cancellationToken)
            ?? throw new NotFoundException("job");
        var answer = mapper.Map<JobDto>(job);
        await db.AddNamesAsync(answer, cancellationToken);
        answer.LastLogNumber = await logs.LastNumberAsync(job.Id, cancellationToken);
        return actions.Apply(answer);
    }
}
