using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Users;

namespace Wombat.Api.Endpoints;

/// <summary>The fields of a user.</summary>
internal abstract class UserBody
{
    /// <summary>E-mail address; shown to the user and to admins only.</summary>
    /// <example>ada@example.org</example>
    [StringLength(User.EmailMax)]
    public string? Email { get; init; }

    /// <summary>The name that people read.</summary>
    /// <example>Ada Lovelace</example>
    [DefaultValue("")]
    [StringLength(User.FullNameMax)]
    public string? FullName { get; init; }

    /// <summary>The role on the whole platform.</summary>
    [DefaultValue(Domain.Users.PlatformRole.None)]
    public PlatformRole? PlatformRole { get; init; }

    /// <summary>An inactive user cannot sign in, and their tokens are refused.</summary>
    [DefaultValue(true)]
    public bool? Active { get; init; }

    internal UserProfile Details => new(Email, FullName ?? "", PlatformRole ?? Domain.Users.PlatformRole.None, Active ?? true);
}
