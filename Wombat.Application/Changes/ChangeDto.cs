namespace Wombat.Application.Changes;

/// <summary>Says that something which the caller may read has changed, not how.</summary>
/// <param name="Position">The position to continue after.</param>
/// <param name="Type">What it is, such as container.</param>
/// <param name="Id">Its id; null where the type has none, such as tier.</param>
/// <param name="ProjectId">The project that it belongs to.</param>
/// <param name="Version">The version in its ETag; null where the type has none, and when it no longer exists.</param>
public sealed record ChangeDto(long Position, string Type, Guid? Id, Guid? ProjectId, int? Version);
