using System.ComponentModel.DataAnnotations;
using Wombat.Application.Users;
using Wombat.Domain.Users;

namespace Wombat.Api.Endpoints;

/// <summary>A login and its password.</summary>
internal sealed class SignInBody
{
    /// <summary>The login of Wombat or of the LDAP directory.</summary>
    /// <example>ada.lovelace</example>
    [Required]
    [StringLength(User.EmailMax, MinimumLength = 1)]
    public string? Login { get; init; }

    /// <summary>The password.</summary>
    /// <example>eleven pale moths</example>
    [Required]
    [StringLength(UserRules.PasswordMax, MinimumLength = 1)]
    public string? Password { get; init; }
}
