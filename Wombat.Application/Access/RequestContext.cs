using Wombat.Domain.Access;

namespace Wombat.Application.Access;

/// <summary>The caller and origin of the current request or job. The authentication middleware and the job runner set it.</summary>
public sealed class RequestContext
{
    /// <summary>Null until the request is authenticated.</summary>
    public Caller? Caller { get; set; }

    /// <summary>The caller's access to the project of the message, set by the authorization behavior; null for a message about no project.</summary>
    public ProjectAccess? ProjectAccess { get; set; }

    /// <summary>The trace id of responses and events.</summary>
    public string? RequestId { get; set; }

    /// <summary>The trace id from the client's traceparent header; null if there is none. Chosen by the client, so not trustworthy.</summary>
    public string? ClientTrace { get; set; }

    /// <summary>The job whose handler runs in this scope.</summary>
    public Guid? JobId { get; set; }

    /// <summary>The address of the client.</summary>
    public string? Address { get; set; }

    public string? IdempotencyKey { get; set; }
}
