namespace Wombat.Domain.Audit;

/// <summary>
/// One thing that happened: written in the transaction of the change, never changed afterwards. Readers follow
/// the position that the sequencer gives it after the commit.
/// </summary>
public sealed class Event
{
    public Guid Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The actor's name as it was then.</summary>
    public required string Actor { get; init; }

    /// <summary>The user, or the token that is no user's; null for Wombat itself, and for nobody.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>The kind of credential that the actor used.</summary>
    public required string Through { get; init; }

    /// <summary>Noun and verb, such as <c>project.created</c>.</summary>
    public required string Action { get; init; }

    public required string TargetType { get; init; }

    public Guid TargetId { get; init; }

    public Guid? ProjectId { get; init; }

    /// <summary><c>success</c>, <c>failure</c> or <c>refused</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>The trace id of the request, or null for what Wombat did by itself.</summary>
    public string? RequestId { get; init; }

    /// <summary>The trace id that the client sent; null without one. The client chose it, so that it proves nothing.</summary>
    public string? ClientTraceId { get; init; }

    public string? Address { get; init; }

    /// <summary>JSON of the target before the change, without secrets.</summary>
    public string? Before { get; init; }

    /// <summary>JSON of the target after the change, without secrets.</summary>
    public string? After { get; init; }
}
