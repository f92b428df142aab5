using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Jobs;

[Requires(Permission.JobRead)]
public sealed record GetJob(Guid Id) : IRequest<JobDto>;

internal sealed class GetJobHandler(IWombatDbContext db, IMapper mapper) : IRequestHandler<GetJob, JobDto>
{
    public async Task<JobDto> Handle(GetJob request, CancellationToken cancellationToken) => mapper.Map<JobDto>(
        await db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == request.Id, cancellationToken) ?? throw new NotFoundException("job"));
}
