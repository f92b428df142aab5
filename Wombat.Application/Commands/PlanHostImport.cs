using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Tells what an import of hosts would do.</summary>
/// <param name="ProjectId">Of the hosts; null for hosts of the platform.</param>
/// <param name="Document">An OpenSSH client configuration.</param>
[RequirePermission(Permission.HostManage)]
public sealed record PlanHostImport(Guid? ProjectId, string Document) : IRequest<HostImportDto>;

internal sealed class PlanHostImportValidator : AbstractValidator<PlanHostImport>
{
    public PlanHostImportValidator() =>
        RuleFor(m => m.Document).NotEmpty().WithMessage("is required").MaximumLength(ImportHosts.DocumentMax);
}

internal sealed class PlanHostImportHandler(IWombatDbContext db, HostImports imports) : IRequestHandler<PlanHostImport, HostImportDto>
{
    public async Task<HostImportDto> Handle(PlanHostImport request, CancellationToken cancellationToken)
    {
        if (request.ProjectId is { } id && !await db.Projects.AnyAsync(p => p.Id == id, cancellationToken))
        {
            throw new NotFoundException("project");
        }

        var plan = await imports.PlanAsync(request.ProjectId, request.Document, cancellationToken);
        return plan.ToDto(new Dictionary<string, Guid>(StringComparer.Ordinal));
    }
}
