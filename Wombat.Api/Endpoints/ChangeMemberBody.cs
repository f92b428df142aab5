using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Members;

namespace Wombat.Api.Endpoints;

/// <summary>A member's new role.</summary>
internal sealed class ChangeMemberBody
{
    /// <summary>What the user may do in the project.</summary>
    /// <example>viewer</example>
    [Required]
    public ProjectRole? Role { get; init; }
}
