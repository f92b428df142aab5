using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Members;

namespace Wombat.Api.Endpoints;

/// <summary>A user and the role that they get in the project.</summary>
internal sealed class AddMemberBody
{
    /// <summary>The user's id; GET /users?login= finds it.</summary>
    [Required]
    public Guid? UserId { get; init; }

    /// <summary>What the user may do in the project.</summary>
    /// <example>developer</example>
    [Required]
    public ProjectRole? Role { get; init; }
}
