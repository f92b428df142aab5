using System.ComponentModel.DataAnnotations;

namespace Wombat.Api.Endpoints;

/// <summary>Confirms that a database is removed from Wombat without being deleted at its provider.</summary>
internal sealed class ForgetDatabaseBody
{
    /// <summary>The database's name, as a confirmation.</summary>
    [Required]
    public string? Name { get; init; }
}
