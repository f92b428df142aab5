using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Jobs;

/// <summary>Checks the permission to follow a log and returns the job's state. A live stream repeats it between reads.</summary>
[RequirePermission(Permission.JobRead)]
public sealed record FollowJobLog(Guid JobId, long After) : IRequest<JobOutcome>, IJobScoped;

internal sealed class FollowJobLogValidator : AbstractValidator<FollowJobLog>
{
    public FollowJobLogValidator() => RuleFor(m => m.After).Place();
}

internal sealed class FollowJobLogHandler(IJobLogReader logs) : IRequestHandler<FollowJobLog, JobOutcome>
{
    public async Task<JobOutcome> Handle(FollowJobLog request, CancellationToken cancellationToken) =>
        await logs.OutcomeAsync(request.JobId, cancellationToken) ?? throw new NotFoundException("job");
}
