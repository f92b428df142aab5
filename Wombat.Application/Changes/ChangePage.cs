namespace Wombat.Application.Changes;

/// <summary>Changes after a position.</summary>
/// <param name="Position">The position up to which all changes were read.</param>
/// <param name="HasMore">Whether there are more.</param>
/// <param name="IsReset">Whether the changes can no longer be told one by one, so that the reader must read everything again.</param>
public sealed record ChangePage(IReadOnlyList<ChangeDto> Changes, long Position, bool HasMore = false, bool IsReset = false);
