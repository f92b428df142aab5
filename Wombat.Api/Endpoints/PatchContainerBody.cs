using Wombat.Application.Common;
using Wombat.Application.Resources;

namespace Wombat.Api.Endpoints;

/// <summary>Changes to a container as a merge patch (RFC 7396).</summary>
internal sealed class PatchContainerBody
{
    /// <summary>When it is deleted; null for never.</summary>
    public Optional<DateTimeOffset?> ExpiresAt { get; init; }

    /// <summary>Whether a request to delete it is refused; only managers of the project may change it.</summary>
    public Optional<bool?> DeletionProtection { get; init; }

    internal ResourceChanges ToChanges() => new(ExpiresAt, DeletionProtection);
}
