using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Gives Wombat another key for a host. The earlier one is deleted; the host must know the public half of the new one.</summary>
/// <param name="PrivateKey">The key with which Wombat signs in; null for a new one.</param>
[RequirePermission(Permission.HostManage)]
public sealed record ReplaceHostKey(Guid Id, string? PrivateKey) : IRequest<HostDto>
{
    // A record's default ToString would print the private key.
    public override string ToString() => $"{nameof(ReplaceHostKey)} {Id}";
}

internal sealed class ReplaceHostKeyValidator : AbstractValidator<ReplaceHostKey>
{
    public ReplaceHostKeyValidator() => RuleFor(m => m.PrivateKey).MaximumLength(SshHost.PrivateKeyMax);
}

internal sealed class ReplaceHostKeyHandler(IWombatDbContext db, SshHosts hosts, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<ReplaceHostKey, HostDto>
{
    public async Task<HostDto> Handle(ReplaceHostKey request, CancellationToken cancellationToken)
    {
        var host = await hosts.FindAsync(request.Id, cancellationToken);
        var key = await hosts.ObtainKeyAsync(request.PrivateKey, cancellationToken);
        var before = HostDto.Of(host);
        host.ReplaceKey(hosts.Seal(key.PrivateKey), key.PublicKey, clock.GetUtcNow());
        var after = HostDto.Of(host);
        auditLog.Record(EventAction.HostKeyReplaced, "host", host.Id, host.ProjectId, before, after);
        await db.SaveChangesAsync(cancellationToken);
        return after;
    }
}
