namespace Wombat.Application.Audit;

/// <param name="From">Events at or after this time.</param>
/// <param name="To">Events before this time.</param>
public sealed record EventFilter(
    Guid? ProjectId = null,
    string? Action = null,
    string? Actor = null,
    Guid? ActorId = null,
    Guid? TargetId = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null
)
{
    /// <summary>Whether an index of positions is enough to answer the query.</summary>
    public bool IsPlain => this is { Action: null, Actor: null, ActorId: null, TargetId: null, From: null, To: null };

    public bool IsEmpty => IsPlain && ProjectId is null;

    /// <summary>Whether an event in memory matches. Times are compared to the millisecond, like the ids in the query.</summary>
    public bool Matches(EventDto one) =>
        (ProjectId is null || one.ProjectId == ProjectId)
        && (Action is null || one.Action == Action)
        && (Actor is null || one.Actor == Actor)
        && (ActorId is null || one.ActorId == ActorId)
        && (TargetId is null || one.TargetId == TargetId)
        && (From is not { } from || one.At.ToUnixTimeMilliseconds() >= from.ToUnixTimeMilliseconds())
        && (To is not { } to || one.At.ToUnixTimeMilliseconds() < to.ToUnixTimeMilliseconds());
}
