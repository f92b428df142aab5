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

namespace Wombat.Application.Commands;

/// <summary>
/// Changes how a host is reached. Another address, port or jump host is another machine, whose keys an admin has to accept.
/// </summary>
/// <param name="IfMatch">The versions that the caller expects; null for any.</param>
[RequirePermission(Permission.HostManage)]
public sealed record UpdateHost(Guid Id, HostFields Fields, ExpectedVersions? IfMatch) : IRequest<HostDto>;

internal sealed class UpdateHostValidator : AbstractValidator<UpdateHost>
{
    public UpdateHostValidator() => RuleFor(m => m.Fields).SetValidator(new HostFieldsValidator());
}

internal sealed class UpdateHostHandler(
    IWombatDbContext db,
    HostOrigins origins,
    JumpHosts jumpHosts,
    AuditLog auditLog,
    TimeProvider clock
) : IRequestHandler<UpdateHost, HostDto>
{
    public Task<HostDto> Handle(UpdateHost request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var host = await db.LockSshHostAsync(request.Id, exclusive: true, cancel) ?? throw new NotFoundException("host");
                request.IfMatch?.Ensure(host.Version);
                var before = HostDto.Of(host);
                var fields = await origins.CompleteAsync(request.Fields, host.ProjectId, cancel);
                var (_, address, port, user, labels, jumpHost) = fields;
                var name = await db.NormalizeNameAsync("name", fields.Name, SshHost.NameMax, cancel);
                await jumpHosts.EnsureAsync(host, jumpHost, cancel);
                host.SetJumpHost(jumpHost);
                host.SetOrigin(fields.ContainerId, fields.Alias);
                host.Change(name, address, port ?? HostFields.DefaultPort, user, clock.GetUtcNow());
                host.SetLabels(labels);
                var after = HostDto.Of(host);
                auditLog.Record(EventAction.HostUpdated, "host", host.Id, host.ProjectId, before, after);
                await db.SaveChangesAsync(cancel);
                return after;
            },
            cancellationToken
        );
}
