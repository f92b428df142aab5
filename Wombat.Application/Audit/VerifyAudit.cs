using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Audit;

/// <summary>Walks the audit's chain and its signed heads.</summary>
[RequirePermission(Permission.AuditVerify)]
public sealed record VerifyAudit : IRequest<AuditVerification>;

internal sealed class VerifyAuditHandler(IAuditVerifier verifier) : IRequestHandler<VerifyAudit, AuditVerification>
{
    public Task<AuditVerification> Handle(VerifyAudit request, CancellationToken cancellationToken) =>
        verifier.VerifyAsync(cancellationToken);
}
