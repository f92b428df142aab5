using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>Shows what an import would do with each command, without doing it.</summary>
[RequirePermission(Permission.CommandManage)]
public sealed record PlanCommandImport(CommandImportSource Details) : IRequest<CommandImportDto>, IOwnerScoped
{
    Guid? IOwnerScoped.OwnerProjectId => Details.ProjectId;
}

internal sealed class PlanCommandImportValidator : AbstractValidator<PlanCommandImport>
{
    public PlanCommandImportValidator() => RuleFor(m => m.Details).SetValidator(new CommandImportSourceValidator());
}

internal sealed class PlanCommandImportHandler(CommandImportPlanner planner) : IRequestHandler<PlanCommandImport, CommandImportDto>
{
    public async Task<CommandImportDto> Handle(PlanCommandImport request, CancellationToken cancellationToken)
    {
        var steps = await planner.PlanAsync(request.Details, cancellationToken);
        return new CommandImportDto(CommandImportPlanner.IdOf(request.Details, steps), [.. steps.Select(s => s.ToDto())]);
    }
}
