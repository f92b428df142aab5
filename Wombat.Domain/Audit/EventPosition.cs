namespace Wombat.Domain.Audit;

/// <summary>The place of one committed event in the one order that all readers see.</summary>
public sealed class EventPosition
{
    public long Position { get; init; }

    public Guid EventId { get; init; }

    /// <summary>The event's project, here again so that a project's events are one index range.</summary>
    public Guid? ProjectId { get; init; }
}
