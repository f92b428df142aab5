namespace Wombat.TestSupport;

/// <summary>One event of a text/event-stream response.</summary>
/// <param name="Id">Null for events without one.</param>
public sealed record StreamEvent(string? Id, string Name, string Data);
