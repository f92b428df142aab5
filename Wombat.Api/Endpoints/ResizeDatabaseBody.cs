using System.ComponentModel.DataAnnotations;

namespace Wombat.Api.Endpoints;

/// <summary>The tier that a database gets.</summary>
internal sealed class ResizeDatabaseBody
{
    /// <summary>One of the tiers; it may be the present one, to apply what it promises now.</summary>
    [Required]
    public string? Tier { get; init; }
}
