using Wombat.Domain.Access;

namespace Wombat.Application.Access;

/// <summary>Who asks and through what; scoped to one request or job. Set once at the edge.</summary>
public sealed class RequestContext
{
    /// <summary>Null until the edge has recognized a credential.</summary>
    public Caller? Caller { get; set; }

    /// <summary>How the caller stands to the project that the message is about; set by the guard, null where it is about none.</summary>
    public ProjectAccess? ProjectAccess { get; set; }

    /// <summary>The trace id that answers and events carry.</summary>
    public string? RequestId { get; set; }

    /// <summary>The trace id of the traceparent that the client sent; null without one. The client chooses it.</summary>
    public string? ClientTrace { get; set; }

    /// <summary>The job whose handler runs in this scope.</summary>
    public Guid? JobId { get; set; }

    /// <summary>Where the request came from.</summary>
    public string? Address { get; set; }

    public string? IdempotencyKey { get; set; }
}
