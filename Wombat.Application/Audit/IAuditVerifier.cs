namespace Wombat.Application.Audit;

/// <summary>Reads the whole audit log with bounded memory; changes nothing.</summary>
public interface IAuditVerifier
{
    Task<AuditVerification> VerifyAsync(CancellationToken cancel);
}
