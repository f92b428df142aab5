using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>Requests a run with exactly the inputs of an earlier one, also when the command was changed or deleted since.</summary>
[RequirePermission(Permission.CommandRun)]
public sealed record RepeatRun(Guid RunId) : IRequest<RunDto>, IIdempotentCommand, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Run;

    Guid ICommandScoped.ItemId => RunId;
}

internal sealed class RepeatRunHandler(IWombatDbContext db, RunRequests requests, RunActions actions) : IRequestHandler<RepeatRun, RunDto>
{
    public Task<RunDto> Handle(RepeatRun request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var earlier = await db.FindRunAsync(request.RunId, cancel);
                await db.LockCommandAsync(earlier.CommandId, cancel);
                requests.EnsureMayRun(earlier.Inputs.Spec);
                await requests.EnsureAcceptsRunsAsync(earlier.ProjectId, cancel);

                return actions.Apply(await requests.AddRepetitionAsync(earlier, cancel));
            },
            cancellationToken
        );
}
