using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Registers a host. Nobody contacts it.</summary>
/// <param name="ProjectId">Null for a host of the platform.</param>
/// <param name="Key">With which Wombat signs in.</param>
[RequirePermission(Permission.HostManage)]
public sealed record CreateHost(HostFields Fields, Guid? ProjectId, HostKeyInput Key) : IRequest<HostDto>, IIdempotentCommand;

internal sealed class CreateHostValidator : AbstractValidator<CreateHost>
{
    public CreateHostValidator()
    {
        RuleFor(m => m.Fields).SetValidator(new HostFieldsValidator());
        RuleFor(m => m.Key).SetValidator(new HostKeyInputValidator());
    }
}

internal sealed class CreateHostHandler(
    IWombatDbContext db,
    SshHosts hosts,
    HostOrigins origins,
    JumpHosts jumpHosts,
    AuditLog auditLog,
    TimeProvider clock
) : IRequestHandler<CreateHost, HostDto>
{
    public async Task<HostDto> Handle(CreateHost request, CancellationToken cancellationToken)
    {
        var key = await hosts.ObtainKeyAsync(request.Key, cancellationToken);
        return await db.InTransactionAsync(cancel => SaveAsync(request, key, cancel), cancellationToken);
    }

    private async Task<HostDto> SaveAsync(CreateHost request, SshCredential key, CancellationToken cancel)
    {
        if (request.ProjectId is { } project)
        {
            await db.LockProjectAsync(project, exclusive: false, cancel);
        }

        var fields = await origins.CompleteAsync(request.Fields, request.ProjectId, cancel);
        var (_, address, port, user, labels, jumpHost) = fields;
        var name = await db.NormalizeNameAsync("name", fields.Name, SshHost.NameMax, cancel);
        var host = SshHost.Create(name, request.ProjectId, address, port ?? HostFields.DefaultPort, user, clock.GetUtcNow());
        host.SetOrigin(fields.ContainerId, fields.Alias);
        await jumpHosts.EnsureAsync(host, jumpHost, cancel);
        host.SetJumpHost(jumpHost);
        host.SetLabels(labels);
        host.SetKey(key);
        db.SshHosts.Add(host);
        var answer = HostDto.Of(host);
        auditLog.Record(EventAction.HostCreated, "host", host.Id, host.ProjectId, after: answer);
        await db.SaveChangesAsync(cancel);
        return answer;
    }
}
