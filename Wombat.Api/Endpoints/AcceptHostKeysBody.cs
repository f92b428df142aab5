using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Common;

namespace Wombat.Api.Endpoints;

/// <summary>The host keys to accept.</summary>
internal sealed class AcceptHostKeysBody
{
    private const int FingerprintsMax = 20;

    /// <summary>The fingerprints of all keys that the test of the host has shown, after somebody has compared them.</summary>
    /// <example>["SHA256:uNiVztksCsDhcc0u9e8BrATeF6tVfBCPbCDFLzrlMc0"]</example>
    [Required]
    [MaxLength(FingerprintsMax)]
    public string[]? Fingerprints { get; init; }

    internal AcceptHostKeys ToRequest(Guid id) =>
        Array.Exists(Fingerprints ?? [], f => f is null)
            ? throw new InvalidInputException("fingerprints", "must not contain null")
            : new AcceptHostKeys(id, Fingerprints ?? []);
}
