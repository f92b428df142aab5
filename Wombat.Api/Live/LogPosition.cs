namespace Wombat.Api.Live;

/// <summary>Where a stream of a job's log starts.</summary>
/// <param name="After">The stream starts after this line.</param>
/// <param name="Tail">If given, the stream starts with so many last lines.</param>
/// <param name="Replay">How stored lines are paced; null to send them at once.</param>
internal sealed record LogPosition(Guid JobId, long After, int? Tail, LogReplay? Replay = null);
