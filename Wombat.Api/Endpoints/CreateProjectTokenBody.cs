using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Access;
using Wombat.Domain.Tokens;

namespace Wombat.Api.Endpoints;

/// <summary>A token to create for a project: a service account that acts in this project alone.</summary>
internal sealed class CreateProjectTokenBody
{
    /// <summary>The service account's name.</summary>
    /// <example>ci</example>
    [Required]
    [StringLength(AccessToken.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>The widest scope counts; each includes those before it: read, operate, manage.</summary>
    /// <example>["operate"]</example>
    [Required]
    [MinLength(1)]
    public TokenScope[]? Scopes { get; init; }

    /// <summary>When the token expires; never when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
