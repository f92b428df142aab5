namespace Wombat.Application.Audit;

/// <summary>Reads the whole audit; bounded memory, nothing changed.</summary>
public interface IAuditVerifier
{
    Task<AuditVerification> VerifyAsync(CancellationToken cancel);
}
