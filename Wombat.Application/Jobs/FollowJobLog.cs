using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
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

internal sealed class FollowJobLogHandler(IJobLogReader logs) : IRequestHandler<FollowJobLog, JobOutcome>
{
    public async Task<JobOutcome> Handle(FollowJobLog request, CancellationToken cancellationToken) =>
        await logs.OutcomeAsync(request.JobId, cancellationToken) ?? throw new NotFoundException("job");
}
