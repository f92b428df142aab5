namespace Wombat.Api.Live;

/// <summary>Where a stream of a job's log starts.</summary>
/// <param name="After">Behind this line.</param>
/// <param name="Tail">Or so many lines before the last one.</param>
internal sealed record LogPosition(Guid JobId, long After, int? Tail);
