namespace Wombat.TestSupport;

/// <param name="ParentId">Empty for the root of a trace.</param>
public sealed record ReceivedSpan(string TraceId, string Id, string ParentId, string Name);
