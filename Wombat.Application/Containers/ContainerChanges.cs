using Wombat.Application.Common;
using Wombat.Application.Resources;

namespace Wombat.Application.Containers;

/// <summary>Changes of a container; absent fields keep their values.</summary>
/// <param name="StartOnBoot">Whether it is started again after a restart of its machine.</param>
public sealed record ContainerChanges(Optional<DateTimeOffset?> ExpiresAt, Optional<bool?> DeletionProtection, Optional<bool?> StartOnBoot)
    : ResourceChanges(ExpiresAt, DeletionProtection);
