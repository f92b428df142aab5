using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Jobs;

/// <summary>Asks to follow a log and learns the job's state: the permission check of a live stream, repeated between its reads.</summary>
[RequirePermission(Permission.JobRead)]
public sealed record FollowJobLog(Guid JobId, long After) : IRequest<JobOutcome>, IJobScoped;

internal sealed class FollowJobLogValidator : AbstractValidator<FollowJobLog>
{
    public FollowJobLogValidator() => RuleFor(m => m.After).Place();
}

internal sealed class FollowJobLogHandler(IWombatDbContext db) : IRequestHandler<FollowJobLog, JobOutcome>
{
    public async Task<JobOutcome> Handle(FollowJobLog request, CancellationToken cancellationToken) =>
        await db
            .Jobs.AsNoTracking()
            .Where(j => j.Id == request.JobId)
            .Select(j => new JobOutcome(
                j.State,
                j.Error == null
                    ? null
                    : new JobErrorDto
                    {
                        Code = j.Error.Code,
                        Message = j.Error.Message,
                        Retryable = j.Error.Retryable,
                    }
            ))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("job");
}
