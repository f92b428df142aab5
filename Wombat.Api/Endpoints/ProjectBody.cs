using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Projects;

namespace Wombat.Api.Endpoints;

/// <summary>The fields of a project.</summary>
internal abstract class ProjectBody
{
    /// <summary>The name that people read; need not be unique.</summary>
    /// <example>Web shop</example>
    [Required]
    [StringLength(Project.NameMax, MinimumLength = Project.NameMin)]
    public string? Name { get; init; }

    /// <summary>What the project is for.</summary>
    /// <example>Everything behind shop.example.org.</example>
    [DefaultValue("")]
    [StringLength(Project.DescriptionMax)]
    public string? Description { get; init; }

    /// <summary>An inactive project accepts no new containers.</summary>
    [DefaultValue(true)]
    public bool? Active { get; init; }

    /// <summary>Who can read the project.</summary>
    [DefaultValue(Domain.Projects.Visibility.Private)]
    public Visibility? Visibility { get; init; }

    /// <summary>Labels of lower-case letters, digits and . _ : / - to find the project by.</summary>
    [DefaultValue(new string[0])]
    [MaxLength(Project.TagsMax)]
    [Items(Project.TagPattern, MaxLength = Project.TagMax)]
    public string[]? Tags { get; init; }

    internal ProjectDetails Details => new(Description ?? "", Active ?? true, Visibility ?? Domain.Projects.Visibility.Private, Tags ?? []);
}
