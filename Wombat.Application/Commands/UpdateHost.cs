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

/// <summary>Changes how a host is reached. Another address or port is another machine, whose keys an admin has to accept.</summary>
/// <param name="IfMatch">The versions that the caller expects; null for any.</param>
[RequirePermission(Permission.HostManage)]
public sealed record UpdateHost(Guid Id, HostFields Fields, ExpectedVersions? IfMatch) : IRequest<HostDto>;

internal sealed class UpdateHostValidator : AbstractValidator<UpdateHost>
{
    public UpdateHostValidator() => RuleFor(m => m.Fields).SetValidator(new HostFieldsValidator());
}

internal sealed class UpdateHostHandler(IWombatDbContext db, SshHosts hosts, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<UpdateHost, HostDto>
{
    public Task<HostDto> Handle(UpdateHost request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async cancel =>
            {
                var host = await hosts.FindAsync(request.Id, cancel);
                request.IfMatch?.Ensure(host.Version);
                var before = HostDto.Of(host);
                var (name, address, port, user, labels) = request.Fields;
                host.Change(await db.NormalizeNameAsync("name", name, SshHost.NameMax, cancel), address, port, user, clock.GetUtcNow());
                host.SetLabels(labels);
                var after = HostDto.Of(host);
                auditLog.Record(EventAction.HostUpdated, "host", host.Id, host.ProjectId, before, after);
                await db.SaveChangesAsync(cancel);
                return after;
            },
            cancellationToken
        );
}
