using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Projects;

namespace Wombat.Api.Endpoints;

/// <summary>A project to create.</summary>
internal sealed class CreateProjectBody : ProjectBody
{
    /// <summary>Unique name of lower-case words joined by hyphens; cannot be changed later.</summary>
    /// <example>web-shop</example>
    [Required]
    [StringLength(Project.UnixNameMax, MinimumLength = Project.UnixNameMin)]
    [RegularExpression(Project.UnixNamePattern)]
    public string? UnixName { get; init; }
}
