using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;

namespace Wombat.Application.Commands;

/// <summary>
/// Gives Wombat another key for a host. An earlier one that was stored is deleted; the host must know the public half of the new one.
/// </summary>
/// <param name="Key">With which Wombat signs in.</param>
[RequirePermission(Permission.HostManage)]
public sealed record ReplaceHostKey(Guid Id, HostKeyInput Key) : IRequest<HostDto>;

internal sealed class ReplaceHostKeyValidator : AbstractValidator<ReplaceHostKey>
{
    public ReplaceHostKeyValidator() => RuleFor(m => m.Key).SetValidator(new HostKeyInputValidator());
}

internal sealed class ReplaceHostKeyHandler(IWombatDbContext db, SshHosts hosts, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<ReplaceHostKey, HostDto>
{
    public async Task<HostDto> Handle(ReplaceHostKey request, CancellationToken cancellationToken)
    {
        var host = await hosts.FindAsync(request.Id, cancellationToken);
        var key = await hosts.ObtainKeyAsync(request.Key, cancellationToken);
        var before = HostDto.Of(host);
        host.ReplaceKey(key, clock.GetUtcNow());
        var after = HostDto.Of(host);
        auditLog.Record(EventAction.HostKeyReplaced, "host", host.Id, host.ProjectId, before, after);
        await db.SaveChangesAsync(cancellationToken);
        return after;
    }
}
