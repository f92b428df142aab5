using System.ComponentModel.DataAnnotations;

namespace Wombat.Api.Endpoints;

/// <summary>Why a database is frozen.</summary>
internal sealed class FreezeDatabaseBody
{
    /// <summary>Shown as the reason of the status.</summary>
    [Required]
    public string? Reason { get; init; }
}
