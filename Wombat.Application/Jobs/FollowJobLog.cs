using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Users;

namespace Wombat.Application.Jobs;

/// <summary>Asks to follow a log and learns how the job is: the guard of a live stream, and its look between reads.</summary>
[Requires(Permission.JobRead)]
public sealed record FollowJobLog(Guid JobId, long After) : IRequest<JobState>, IOfJob;

internal sealed class FollowJobLogValidator : AbstractValidator<FollowJobLog>
{
    public FollowJobLogValidator() => RuleFor(m => m.After).Place();
}

internal sealed class FollowJobLogHandler(IWombatDbContext db) : IRequestHandler<FollowJobLog, JobState>
{
    public async Task<JobState> Handle(FollowJobLog request, CancellationToken cancellationToken) =>
        await db.Jobs.AsNoTracking().Where(j => j.Id == request.JobId).Select(j => (JobState?)j.State).SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("job");
}
