using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Creates a command.</summary>
/// <param name="ProjectId">Null for a command of the platform.</param>
[RequirePermission(Permission.CommandManage)]
public sealed record CreateCommand(string Name, Guid? ProjectId, CommandSpec Spec) : IRequest<CommandDto>, IIdempotentCommand, IOwnerScoped
{
    Guid? IOwnerScoped.OwnerProjectId => ProjectId;
}

internal sealed class CreateCommandValidator : AbstractValidator<CreateCommand>
{
    public CreateCommandValidator()
    {
        RuleFor(m => m.Name).NotEmpty().WithMessage("is required").MaximumLength(Command.NameMax).PlainText();
        RuleFor(m => m.Spec).SetValidator(new CommandSpecValidator());
    }
}

internal sealed class CreateCommandHandler(IWombatDbContext db, CommandWriting writing, CommandActions actions)
    : IRequestHandler<CreateCommand, CommandDto>
{
    public Task<CommandDto> Handle(CreateCommand request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => SaveAsync(request, cancel), cancellationToken);

    private async Task<CommandDto> SaveAsync(CreateCommand request, CancellationToken cancel)
    {
        if (request.ProjectId is { } id)
        {
            (await db.LockProjectAsync(id, exclusive: false, cancel)).EnsureAcceptsResources();
        }

        writing.EnsureKindAllowed(request.Name, request.Spec.Kind);
        await writing.EnsureReferencesAsync([request.Spec], request.ProjectId, cancel);
        var name = await db.NormalizeNameAsync("name", request.Name, Command.NameMax, cancel);
        var answer = writing.Create(name, request.ProjectId, request.Spec);
        await db.SaveChangesAsync(cancel);
        return actions.Apply(answer);
    }
}
