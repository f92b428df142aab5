using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Accepts the keys that a host shows, and signs in.</summary>
/// <param name="Fingerprints">Those of all keys that the caller has compared. The host must show the same and no others.</param>
[RequirePermission(Permission.HostManage)]
public sealed record AcceptHostKeys(Guid Id, IReadOnlyList<string> Fingerprints) : IRequest<HostDto>;

internal sealed class AcceptHostKeysValidator : AbstractValidator<AcceptHostKeys>
{
    public AcceptHostKeysValidator() =>
        RuleFor(m => m.Fingerprints).Must(f => f.Count > 0).WithMessage("must name the fingerprints that a test has shown");
}

internal sealed class AcceptHostKeysHandler(IWombatDbContext db, SshHosts hosts, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<AcceptHostKeys, HostDto>
{
    public async Task<HostDto> Handle(AcceptHostKeys request, CancellationToken cancellationToken)
    {
        var host = await hosts.FindAsync(request.Id, cancellationToken);
        var shown = await hosts.ReadHostKeysAsync(host, cancellationToken);
        if (shown.Failure is { } failure)
        {
            await hosts.RecordJumpAsync(host, failure, cancellationToken);
            throw new ConflictException(failure.Code, failure.Problem!);
        }

        if (!shown.Keys.Select(k => HostKeyDto.Of(k).Fingerprint).ToHashSet(StringComparer.Ordinal).SetEquals(request.Fingerprints))
        {
            throw new ConflictException(ErrorCode.HostKeysDiffer, "The host shows other keys than those; test it again and compare them.");
        }

        var before = HostDto.Of(host);
        host.AcceptKeys(shown.Keys, clock.GetUtcNow());
        auditLog.Record(EventAction.HostKeysAccepted, "host", host.Id, host.ProjectId, before, HostDto.Of(host));
        await db.SaveChangesAsync(cancellationToken);
        await hosts.RecordAsync(host, await hosts.ContactAsync(host, cancellationToken), cancellationToken);
        return HostDto.Of(await hosts.ReadAsync(request.Id, cancellationToken));
    }
}
