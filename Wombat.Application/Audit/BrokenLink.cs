namespace Wombat.Application.Audit;

/// <summary>An invalid link of the audit's hash chain.</summary>
/// <param name="Position">Its position.</param>
/// <param name="EventId">The event at this position, if any.</param>
/// <param name="Problem">What is wrong, for people.</param>
public sealed record BrokenLink(long Position, Guid? EventId, string Problem);
