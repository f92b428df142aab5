using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>Deletes a command. Its runs and their logs stay; those under way go on.</summary>
/// <param name="IfMatch">The versions that the caller expects; null for any.</param>
[RequirePermission(Permission.CommandManage)]
public sealed record DeleteCommand(Guid Id, ExpectedVersions? IfMatch) : IRequest, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Command;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class DeleteCommandHandler(IWombatDbContext db, CommandWriting writing) : IRequestHandler<DeleteCommand>
{
    public async Task<Unit> Handle(DeleteCommand request, CancellationToken cancellationToken)
    {
        var command = await db.FindCommandAsync(request.Id, cancellationToken);
        request.IfMatch?.Ensure(command.Version);
        writing.EnsureKindAllowed(command.Name, command.Spec.Kind);
        writing.Delete(command);
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
