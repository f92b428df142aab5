namespace Wombat.Domain.Audit;

/// <summary>
/// An event of the audit log. It is written in the transaction of the change and never changed. Readers follow the position that the
/// sequencer assigns after the commit.
/// </summary>
public sealed class Event
{
    public Guid Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The actor's name at that time.</summary>
    public required string Actor { get; init; }

    /// <summary>The id of the user, or of the token without a user; null for Wombat itself and for anonymous callers.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>The actor's authentication type.</summary>
    public required string Through { get; init; }

    /// <summary>The action as noun and verb, such as <c>project.created</c>.</summary>
    public required string Action { get; init; }

    public required string TargetType { get; init; }

    public Guid TargetId { get; init; }

    public Guid? ProjectId { get; init; }

    /// <summary><c>success</c>, <c>failure</c> or <c>refused</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>The trace id of the request; null for actions of Wombat itself.</summary>
    public string? RequestId { get; init; }

    /// <summary>The trace id that the client sent, if any. Chosen by the client, so not trustworthy.</summary>
    public string? ClientTraceId { get; init; }

    public string? Address { get; init; }

    /// <summary>The target before the change as JSON, without secrets.</summary>
    public string? Before { get; init; }

    /// <summary>The target after the change as JSON, without secrets.</summary>
    public string? After { get; init; }
}
