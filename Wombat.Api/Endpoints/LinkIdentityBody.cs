using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Users;

namespace Wombat.Api.Endpoints;

/// <summary>An identity at an OpenID provider or token issuer.</summary>
internal sealed class LinkIdentityBody
{
    /// <summary>The issuer's URL, as its tokens name it.</summary>
    /// <example>https://id.example.org</example>
    [Required]
    [StringLength(ExternalIdentity.IssuerMax, MinimumLength = 1)]
    public string? Issuer { get; init; }

    /// <summary>The claim sub of the user's tokens.</summary>
    /// <example>8f14e45f</example>
    [Required]
    [StringLength(ExternalIdentity.SubjectMax, MinimumLength = 1)]
    public string? Subject { get; init; }
}
