using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Access;
using Wombat.Domain.Tokens;

namespace Wombat.Api.Endpoints;

/// <summary>A token to create for a user.</summary>
internal sealed class CreateUserTokenBody
{
    /// <summary>What the token is for.</summary>
    /// <example>laptop</example>
    [Required]
    [StringLength(AccessToken.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>The widest scope counts; each includes those before it: read, operate, manage.</summary>
    /// <example>["operate"]</example>
    [Required]
    [MinLength(1)]
    public TokenScope[]? Scopes { get; init; }

    /// <summary>The only project that the token reaches; every project of the user when absent.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>When the token expires; never when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
