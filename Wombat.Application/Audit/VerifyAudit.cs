using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Audit;

/// <summary>Verifies the hash chain of the audit log and its signed heads.</summary>
[RequirePermission(Permission.AuditVerify)]
public sealed record VerifyAudit : IRequest<AuditVerification>;

internal sealed class VerifyAuditHandler(IAuditVerifier verifier) : IRequestHandler<VerifyAudit, AuditVerification>
{
    public Task<AuditVerification> Handle(VerifyAudit request, CancellationToken cancellationToken) =>
        verifier.VerifyAsync(cancellationToken);
}
