namespace Wombat.TestSupport.Kubernetes;

/// <summary>An answer of <see cref="FaultyKubernetes"/>.</summary>
public sealed record FaultyAnswer(int Code, string Body, int? RetryAfterSeconds = null)
{
    /// <summary>A Status object, as the API server sends it.</summary>
    public static FaultyAnswer Status(int code, string reason, string message, int? retryAfterSeconds = null) =>
        new(
            code,
            $$"""
            {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "{{reason}}", "message": "{{message}}", "code": {{code}}}
            """,
            retryAfterSeconds
        );
}
