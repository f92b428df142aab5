using Wombat.Application.Common;

namespace Wombat.Application.Resources;

/// <summary>Changes of a resource that need no job; absent fields keep their values. A kind derives from it to add its own.</summary>
/// <param name="ExpiresAt">When it is deleted; null for never.</param>
/// <param name="DeletionProtection">Whether a request to delete it is refused; only managers of the project may change it.</param>
public record ResourceChanges(Optional<DateTimeOffset?> ExpiresAt, Optional<bool?> DeletionProtection);
