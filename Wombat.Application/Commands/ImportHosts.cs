using System.Collections.Concurrent;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Registers the hosts of a document that are not registered yet, all or none. Nobody contacts them.</summary>
/// <param name="ProjectId">Of the hosts; null for hosts of the platform.</param>
/// <param name="Document">An OpenSSH client configuration.</param>
[RequirePermission(Permission.HostManage)]
public sealed record ImportHosts(Guid? ProjectId, string Document) : IRequest<HostImportDto>
{
    public const int DocumentMax = 256 * 1024;
}

internal sealed class ImportHostsValidator : AbstractValidator<ImportHosts>
{
    public ImportHostsValidator() => RuleFor(m => m.Document).NotEmpty().WithMessage("is required").MaximumLength(ImportHosts.DocumentMax);
}

internal sealed class ImportHostsHandler(
    IWombatDbContext db,
    HostImports imports,
    JumpHosts jumpHosts,
    SshHosts hosts,
    AuditLog auditLog,
    TimeProvider clock
) : IRequestHandler<ImportHosts, HostImportDto>
{
    /// <summary>How many keys are made at the same time.</summary>
    private const int Parallelism = 4;

    public async Task<HostImportDto> Handle(ImportHosts request, CancellationToken cancellationToken)
    {
        // Keys take longer than a transaction should.
        var plan = await imports.PlanAsync(request.ProjectId, request.Document, cancellationToken);
        var keys = new ConcurrentDictionary<string, SshCredential>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            plan.Entries.Where(e => e.Action == HostImportAction.Create),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (entry, cancel) => keys[entry.Name] = await hosts.ObtainKeyAsync(HostKeyInput.New, cancel)
        );
        return await db.InTransactionAsync(cancel => SaveAsync(request, keys, cancel), cancellationToken);
    }

    private async Task<HostImportDto> SaveAsync(
        ImportHosts request,
        IReadOnlyDictionary<string, SshCredential> keys,
        CancellationToken cancel
    )
    {
        if (request.ProjectId is { } project)
        {
            await db.LockProjectAsync(project, exclusive: false, cancel);
        }

        var plan = await imports.PlanAsync(request.ProjectId, request.Document, cancel);
        var created = new Dictionary<string, Guid>(StringComparer.Ordinal);

        // A host comes after its jump host, which has none itself.
        foreach (var entry in plan.Entries.Where(e => e.Action == HostImportAction.Create).OrderBy(e => e.JumpName is not null))
        {
            var (_, address, port, user, _, _) = entry.Draft.Fields;
            var host = SshHost.Create(entry.Name, request.ProjectId, address, port!.Value, user, clock.GetUtcNow());
            await jumpHosts.EnsureAsync(host, entry.Jump?.Id, cancel);
            host.SetJumpHost(entry.Jump?.Id ?? (entry.JumpName is { } jump ? created[jump] : null));
            host.SetKey(keys.TryGetValue(entry.Name, out var made) ? made : await hosts.ObtainKeyAsync(HostKeyInput.New, cancel));
            db.SshHosts.Add(host);
            created.Add(host.Name, host.Id);
            auditLog.Record(EventAction.HostCreated, "host", host.Id, host.ProjectId, after: HostDto.Of(host));
        }

        await db.SaveChangesAsync(cancel);
        return plan.ToDto(created);
    }
}
