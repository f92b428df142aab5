using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;
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

internal sealed class StartRunHandler(IWombatDbContext db, RunRequests requests, GitWorkspaces repositories, RunActions actions)
    : IRequestHandler<StartRun, RunDto>
{
    public async Task<RunDto> Handle(StartRun request, CancellationToken cancellationToken)
    {
        // Not in the transaction, which locks the command: the repository may answer slowly.
        var command =
            await db.Commands.AsNoTracking().SingleOrDefaultAsync(c => c.Id == request.CommandId, cancellationToken)
            ?? throw new NotFoundException("command");
        requests.EnsureMayRun(command.Spec);
        var pinned = await repositories.PinAsync(command.Spec, cancellationToken);
        return await db.InTransactionAsync(cancel => AddAsync(request, pinned, cancel), cancellationToken);
    }

    private async Task<RunDto> AddAsync(StartRun request, GitSource? pinned, CancellationToken cancel)
    {
        var command = await db.LockCommandAsync(request.CommandId, cancel) ?? throw new NotFoundException("command");
        requests.EnsureMayRun(command.Spec);
        await requests.EnsureAcceptsRunsAsync(command.ProjectId, cancel);

        var prepared = await requests.PrepareAsync(command, request.Parameters, request.Hosts, cancel);
        return actions.Apply(await requests.AddAsync(command, Pin(prepared, pinned), cancel));
    }

    private static PreparedRun Pin(PreparedRun prepared, GitSource? pinned) =>
        prepared.Inputs is not { Source: { } source, Spec.ApprovalBy: not null } inputs ? prepared
        : pinned is not null && pinned with { Commit = null } == source ? prepared with { Inputs = inputs with { Source = pinned } }
        : throw new ConflictException(ErrorCode.EditConflict, "The command was changed at the same time; request the run again.");
}
