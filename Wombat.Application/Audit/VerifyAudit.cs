using MediatR;
using Wombat.Application.Pipeline;
using Wombat.Domain.Users;

namespace Wombat.Application.Audit;

/// <summary>Walks the audit's chain and its signed heads.</summary>
[RequirePermission(Permission.AuditVerify)]
public sealed record VerifyAudit : IRequest<AuditVerification>;

/// <summary>The result of verifying the audit.</summary>
/// <param name="Intact">Whether every link is right and every signature is valid.</param>
/// <param name="Events">How many events were verified.</param>
/// <param name="FromPosition">The position of the first event that is kept.</param>
/// <param name="ToPosition">The position of the last event that was verified.</param>
/// <param name="Heads">How many signatures were verified.</param>
/// <param name="Broken">The first link that is wrong; null when all are right.</param>
public sealed record AuditVerification(bool Intact, long Events, long FromPosition, long ToPosition, int Heads, BrokenLink? Broken);

/// <summary>A link of the audit's hash chain that is wrong.</summary>
/// <param name="Position">Its position.</param>
/// <param name="EventId">The event at this position, where there is one.</param>
/// <param name="Problem">What is wrong, for people.</param>
public sealed record BrokenLink(long Position, Guid? EventId, string Problem);

/// <summary>Reads the whole audit; bounded memory, nothing changed.</summary>
public interface IAuditVerifier
{
    Task<AuditVerification> VerifyAsync(CancellationToken cancel);
}

internal sealed class VerifyAuditHandler(IAuditVerifier verifier) : IRequestHandler<VerifyAudit, AuditVerification>
{
    public Task<AuditVerification> Handle(VerifyAudit request, CancellationToken cancellationToken) =>
        verifier.VerifyAsync(cancellationToken);
}
