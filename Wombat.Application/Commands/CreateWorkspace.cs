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

/// <summary>Registers a directory of the machine that answers the request, or a git repository.</summary>
/// <param name="Path">Null for a repository.</param>
/// <param name="Source">Null for a directory. Its address is empty if only other fields of a repository were given.</param>
/// <param name="Token">The access token for the repository; null for none.</param>
[RequirePermission(Permission.WorkspaceManage)]
public sealed record CreateWorkspace(string Name, Guid? ProjectId, string? Path, GitSource? Source, string? Token)
    : IRequest<WorkspaceDto>,
        IIdempotentCommand
{
    // A record's default ToString would print the token.
    public override string ToString() => $"{nameof(CreateWorkspace)} {Name}";
}

internal sealed class CreateWorkspaceValidator : AbstractValidator<CreateWorkspace>
{
    public CreateWorkspaceValidator()
    {
        RuleFor(m => m.Name).NotEmpty().WithMessage("is required").MaximumLength(Workspace.NameMax).PlainText();
        RuleFor(m => m.Path)
            .Must((m, p) => p is null || m.Source is not { Repository.Length: > 0 })
            .WithMessage("must be absent with repository")
            .MaximumLength(Workspace.PathMax)
            .PlainText()
            .Must(p => p is null || p is ['/', ..] && !p.Split('/').Contains("..", StringComparer.Ordinal))
            .WithMessage("must be an absolute path without ..");
        When(m => m.Source is not null, AddRulesOfSource);
    }

    private void AddRulesOfSource()
    {
        RuleFor(m => m.Source!.Repository)
            .MaximumLength(GitSource.RepositoryMax)
            .PlainText()
            .OverridePropertyName("repository")
            .Custom(
                (text, context) =>
                    Refuse(context, text is "" ? "is required with reference, directory or token" : GitSource.FindRepositoryProblem(text!))
            );
        RuleFor(m => m.Source!.Reference)
            .MaximumLength(GitSource.ReferenceMax)
            .PlainText()
            .OverridePropertyName("reference")
            .Custom((text, context) => Refuse(context, text is null ? null : GitSource.FindReferenceProblem(text)));
        RuleFor(m => m.Source!.Directory)
            .MaximumLength(GitSource.DirectoryMax)
            .PlainText()
            .OverridePropertyName("directory")
            .Custom((text, context) => Refuse(context, text is null ? null : GitSource.FindDirectoryProblem(text)));
        RuleFor(m => m.Token)
            .MaximumLength(GitSource.TokenMax)
            .Must(t => t is null || t.Length > 0 && t.All(c => c is > ' ' and <= '~'))
            .WithMessage("must be ASCII characters without spaces")
            .Must((m, t) => t is null || m.Source!.LocalPath is null)
            .WithMessage("is only for https addresses");
    }

    private static void Refuse(ValidationContext<CreateWorkspace> context, string? problem)
    {
        if (problem is not null)
        {
            context.AddFailure(problem);
        }
    }
}

internal sealed class CreateWorkspaceHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    IWorkspaceReader reader,
    IGitRepositories git,
    GitWorkspaces repositories,
    HostIdentity here,
    TimeProvider clock
) : IRequestHandler<CreateWorkspace, WorkspaceDto>
{
    public async Task<WorkspaceDto> Handle(CreateWorkspace request, CancellationToken cancellationToken)
    {
        if (request.Source is { } source && git.FindProblem(source) is { } refused)
        {
            throw new InvalidInputException("repository", refused);
        }

        var problem =
            request.Path is { } path ? await reader.FindProblemAsync(path, cancellationToken)
            : request.Source is null ? "is required, or repository in its place"
            : null;
        return problem is not null
            ? throw new InvalidInputException("path", problem)
            : await db.InTransactionAsync(cancel => SaveAsync(request, cancel), cancellationToken);
    }

    private async Task<WorkspaceDto> SaveAsync(CreateWorkspace request, CancellationToken cancel)
    {
        if (request.ProjectId is { } project)
        {
            await db.LockProjectAsync(project, exclusive: false, cancel);
        }

        var name = await db.NormalizeNameAsync("name", request.Name, Workspace.NameMax, cancel);
        var workspace = Workspace.Create(name, request.ProjectId, request.Path, here.Id, here.Name, clock.GetUtcNow());
        if (request.Source is { } source)
        {
            workspace.OfRepository(source, repositories.Seal(request.Token));
        }

        db.Workspaces.Add(workspace);
        var answer = mapper.Map<WorkspaceDto>(workspace);
        auditLog.Record(EventAction.WorkspaceCreated, "workspace", workspace.Id, workspace.ProjectId, after: answer);
        await db.SaveChangesAsync(cancel);
        return answer;
    }
}
