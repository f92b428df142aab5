using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;

namespace Wombat.Application.Commands;

/// <summary>Deletes a command. Its runs and their logs stay; those under way go on.</summary>
/// <param name="IfMatch">The versions that the caller expects; null for any.</param>
[RequirePermission(Permission.CommandManage)]
public sealed record DeleteCommand(Guid Id, ExpectedVersions? IfMatch) : IRequest, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Command;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class DeleteCommandHandler(IWombatDbContext db, IMapper mapper, AuditLog auditLog, CommandWriting writing)
    : IRequestHandler<DeleteCommand>
{
    public async Task<Unit> Handle(DeleteCommand request, CancellationToken cancellationToken)
    {
        var command = await db.FindCommandAsync(request.Id, cancellationToken);
        request.IfMatch?.Ensure(command.Version);
        writing.EnsureKindAllowed(command.Spec.Kind);
        db.Commands.Remove(command);
        auditLog.Record(EventAction.CommandDeleted, "command", command.Id, command.ProjectId, before: mapper.Map<CommandDto>(command));
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
