using AutoMapper;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Commands;

/// <summary>Registers a directory of the machine that answers the request.</summary>
[RequirePermission(Permission.WorkspaceManage)]
public sealed record CreateWorkspace(string Name, Guid? ProjectId, string Path) : IRequest<WorkspaceDto>, IIdempotentCommand;

internal sealed class CreateWorkspaceValidator : AbstractValidator<CreateWorkspace>
{
    public CreateWorkspaceValidator()
    {
        RuleFor(m => m.Name).NotEmpty().WithMessage("is required").MaximumLength(Workspace.NameMax).PlainText();
        RuleFor(m => m.Path)
            .NotEmpty()
            .WithMessage("is required")
            .MaximumLength(Workspace.PathMax)
            .PlainText()
            .Must(p => p is ['/', ..] && !p.Split('/').Contains("..", StringComparer.Ordinal))
            .WithMessage("must be an absolute path without ..");
    }
}

internal sealed class CreateWorkspaceHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    IWorkspaceReader reader,
    HostIdentity here,
    TimeProvider clock
) : IRequestHandler<CreateWorkspace, WorkspaceDto>
{
    public async Task<WorkspaceDto> Handle(CreateWorkspace request, CancellationToken cancellationToken) =>
        await reader.FindProblemAsync(request.Path, cancellationToken) is { } problem
            ? throw new InvalidInputException("path", problem)
            : await db.InTransactionAsync(cancel => SaveAsync(request, cancel), cancellationToken);

    private async Task<WorkspaceDto> SaveAsync(CreateWorkspace request, CancellationToken cancel)
    {
        if (request.ProjectId is { } project)
        {
            await db.LockProjectAsync(project, exclusive: false, cancel);
        }

        var name = await db.NormalizeNameAsync("name", request.Name, Workspace.NameMax, cancel);
        var workspace = Workspace.Create(name, request.ProjectId, request.Path, here.Id, here.Name, clock.GetUtcNow());
        db.Workspaces.Add(workspace);
        var answer = mapper.Map<WorkspaceDto>(workspace);
        auditLog.Record(EventAction.WorkspaceCreated, "workspace", workspace.Id, workspace.ProjectId, after: answer);
        await db.SaveChangesAsync(cancel);
        return answer;
    }
}
