using Wombat.Application.Common;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

/// <summary>Changes of a database; absent fields keep their values.</summary>
public sealed record DatabaseChanges(
    Optional<string> Purpose,
    Optional<string> Owner,
    Optional<DateTimeOffset?> ExpiresAt,
    Optional<bool?> DeletionProtection
) : ResourceChanges(ExpiresAt, DeletionProtection);
