using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Requests a run of a command.</summary>
/// <param name="Parameters">Values by the names of the parameters.</param>
/// <param name="Hosts">On which hosts of the command.</param>
[RequirePermission(Permission.CommandRun)]
public sealed record StartRun(Guid CommandId, IReadOnlyDictionary<string, string?> Parameters, HostChoice Hosts)
    : IRequest<RunDto>,
        IIdempotentCommand,
        ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Command;

    Guid ICommandScoped.ItemId => CommandId;

    // A record's default ToString would print the values of secrets.
    public override string ToString() => $"{nameof(StartRun)} {CommandId}";
}

internal sealed class StartRunHandler(IWombatDbContext db, RunRequests requests, RunActions actions) : IRequestHandler<StartRun, RunDto>
{
    public Task<RunDto> Handle(StartRun request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var command = await db.LockCommandAsync(request.CommandId, cancel) ?? throw new NotFoundException("command");
                requests.EnsureMayRun(command.Spec);
                await requests.EnsureAcceptsRunsAsync(command.ProjectId, cancel);

                var prepared = await requests.PrepareAsync(command, request.Parameters, request.Hosts, cancel);
                return actions.Apply(await requests.AddAsync(command, prepared, cancel));
            },
            cancellationToken
        );
}
