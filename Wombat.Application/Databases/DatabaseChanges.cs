using Wombat.Application.Common;

namespace Wombat.Application.Databases;

/// <summary>Changes of a database; absent fields keep their values.</summary>
/// <param name="ExpiresAt">When it is deleted; null for never.</param>
/// <param name="DeletionProtection">Whether a request to delete it is refused; only managers of the project may change it.</param>
public sealed record DatabaseChanges(
    Optional<string> Purpose,
    Optional<string> Owner,
    Optional<DateTimeOffset?> ExpiresAt,
    Optional<bool?> DeletionProtection
);
