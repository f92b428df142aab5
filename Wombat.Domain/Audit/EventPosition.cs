namespace Wombat.Domain.Audit;

/// <summary>The position of a committed event in the order that all readers see.</summary>
public sealed class EventPosition
{
    public long Position { get; init; }

    public Guid EventId { get; init; }

    /// <summary>The event's project, repeated here so that a project's events are one index range.</summary>
    public Guid? ProjectId { get; init; }
}
