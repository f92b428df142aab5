using System.ComponentModel.DataAnnotations;
using Wombat.Application.Users;
using Wombat.Domain.Users;

namespace Wombat.Api.Endpoints;

/// <summary>A user to create.</summary>
internal sealed class CreateUserBody : UserBody
{
    /// <summary>Unique login of lower-case letters, digits and . _ -; cannot be changed later.</summary>
    /// <example>ada.lovelace</example>
    [Required]
    [StringLength(User.LoginMax, MinimumLength = User.LoginMin)]
    [RegularExpression(User.LoginPattern)]
    public string? Login { get; init; }

    /// <summary>At least 12 characters, and not easy to guess. Without a password the user signs in by a directory or provider.</summary>
    /// <example>eleven pale moths</example>
    [StringLength(UserRules.PasswordMax, MinimumLength = UserRules.PasswordMin)]
    public string? Password { get; init; }
}
