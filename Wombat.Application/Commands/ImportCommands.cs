using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Creates, changes and deletes commands so that they are as a document says, all or none.</summary>
/// <param name="PlanId">The plan that is expected; null for any.</param>
[RequirePermission(Permission.CommandManage)]
public sealed record ImportCommands(CommandImportSource Details, string? PlanId)
    : IRequest<CommandImportDto>,
        IIdempotentCommand,
        IOwnerScoped
{
    Guid? IOwnerScoped.OwnerProjectId => Details.ProjectId;
}

internal sealed class ImportCommandsValidator : AbstractValidator<ImportCommands>
{
    public ImportCommandsValidator() => RuleFor(m => m.Details).SetValidator(new CommandImportSourceValidator());
}

internal sealed class ImportCommandsHandler(IWombatDbContext db, CommandImportPlanner planner, CommandWriting writing)
    : IRequestHandler<ImportCommands, CommandImportDto>
{
    public Task<CommandImportDto> Handle(ImportCommands request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => SaveAsync(request, cancel), cancellationToken);

    private async Task<CommandImportDto> SaveAsync(ImportCommands request, CancellationToken cancel)
    {
        var steps = await planner.PlanAsync(request.Details, cancel);
        var plan = CommandImportPlanner.IdOf(request.Details, steps);
        if (request.PlanId is { } expected && expected != plan)
        {
            throw new StaleVersionException("The commands or the document have changed since the plan. Plan again, then import.");
        }

        var saved = steps.Where(s => s.Action is CommandImportAction.Create or CommandImportAction.Update).Select(s => s.Spec!);
        await writing.EnsureReferencesAsync([.. saved], request.Details.ProjectId, cancel);
        var items = steps.Select(s => s.ToDto() with { CommandId = Take(s, request.Details.ProjectId) }).ToList();
        await db.SaveChangesAsync(cancel);
        return new CommandImportDto(plan, items);
    }

    private Guid Take(CommandImportStep step, Guid? project)
    {
        switch (step.Action)
        {
            case CommandImportAction.Create:
                return writing.Create(step.Name, project, step.Spec!).Id;
            case CommandImportAction.Update:
                writing.Change(step.Existing!, step.Name, step.Spec!);
                break;
            case CommandImportAction.Delete:
                writing.Delete(step.Existing!);
                break;
        }

        return step.Existing!.Id;
    }
}
