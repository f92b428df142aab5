using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;

namespace Wombat.Application.Commands;

/// <summary>Deletes a command. Its runs and their logs stay; those under way go on.</summary>
[RequirePermission(Permission.CommandManage)]
public sealed record DeleteCommand(Guid Id) : IRequest, ICommandScoped
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
        writing.EnsureKindAllowed(command.Spec.Kind);
        db.Commands.Remove(command);
        auditLog.Record(EventAction.CommandDeleted, "command", command.Id, command.ProjectId, before: mapper.Map<CommandDto>(command));
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
