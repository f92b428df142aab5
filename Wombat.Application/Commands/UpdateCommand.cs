using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Replaces what a command executes. Runs that were requested before keep what they were requested with.</summary>
/// <param name="IfMatch">The versions that the caller expects; null for any.</param>
[RequirePermission(Permission.CommandManage)]
public sealed record UpdateCommand(Guid Id, string Name, CommandSpec Spec, ExpectedVersions? IfMatch) : IRequest<CommandDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Command;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class UpdateCommandValidator : AbstractValidator<UpdateCommand>
{
    public UpdateCommandValidator()
    {
        RuleFor(m => m.Name).NotEmpty().WithMessage("is required").MaximumLength(Command.NameMax).PlainText();
        RuleFor(m => m.Spec).SetValidator(new CommandSpecValidator());
    }
}

internal sealed class UpdateCommandHandler(IWombatDbContext db, CommandWriting writing, CommandActions actions)
    : IRequestHandler<UpdateCommand, CommandDto>
{
    public Task<CommandDto> Handle(UpdateCommand request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => SaveAsync(request, cancel), cancellationToken);

    private async Task<CommandDto> SaveAsync(UpdateCommand request, CancellationToken cancel)
    {
        var command = await db.FindCommandAsync(request.Id, cancel);
        request.IfMatch?.Ensure(command.Version);
        writing.EnsureKindAllowed(command.Name, command.Spec.Kind);
        writing.EnsureKindAllowed(command.Name, request.Spec.Kind);
        await writing.EnsureReferencesAsync([request.Spec], command.ProjectId, cancel);
        var name = await db.NormalizeNameAsync("name", request.Name, Command.NameMax, cancel);
        var after = writing.Change(command, name, request.Spec);
        await db.SaveChangesAsync(cancel);
        return actions.Apply(after);
    }
}
