using System.ComponentModel.DataAnnotations;
using Wombat.Application.Users;

namespace Wombat.Api.Endpoints;

/// <summary>A new password.</summary>
internal sealed class SetPasswordBody
{
    /// <summary>The password until now; not needed when an admin sets another user's.</summary>
    [StringLength(UserRules.PasswordMax)]
    public string? CurrentPassword { get; init; }

    /// <summary>At least 12 characters, and not easy to guess.</summary>
    /// <example>seven dry leaves fall</example>
    [Required]
    [StringLength(UserRules.PasswordMax, MinimumLength = UserRules.PasswordMin)]
    public string? NewPassword { get; init; }
}
