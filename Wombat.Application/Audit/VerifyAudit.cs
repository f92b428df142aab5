using MediatR;
using Wombat.Application.Pipeline;
using Wombat.Domain.Users;

namespace Wombat.Application.Audit;

/// <summary>Walks the audit's chain and its signed heads.</summary>
[Requires(Permission.AuditVerify)]
public sealed record VerifyAudit : IRequest<AuditVerification>;

/// <summary>What the walk found.</summary>
/// <param name="Intact">Every link holds and every head is signed by the key at hand.</param>
/// <param name="Events">How many links were walked.</param>
/// <param name="FromPosition">The first position that retention has kept.</param>
/// <param name="ToPosition">The last that was there when the walk ended.</param>
/// <param name="Heads">How many signed heads were compared.</param>
/// <param name="Broken">The first link that does not hold; null when all do.</param>
public sealed record AuditVerification(bool Intact, long Events, long FromPosition, long ToPosition, int Heads, BrokenLink? Broken);

/// <param name="Position">Where.</param>
/// <param name="EventId">Which event stands there, where one does.</param>
/// <param name="Problem">What is wrong, in words.</param>
public sealed record BrokenLink(long Position, Guid? EventId, string Problem);

/// <summary>Reads the whole audit; bounded memory, nothing changed.</summary>
public interface IAuditVerifier
{
    Task<AuditVerification> VerifyAsync(CancellationToken cancel);
}

internal sealed class VerifyAuditHandler(IAuditVerifier verifier) : IRequestHandler<VerifyAudit, AuditVerification>
{
    public Task<AuditVerification> Handle(VerifyAudit request, CancellationToken cancellationToken) => verifier.VerifyAsync(cancellationToken);
}
