using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Wombat.Application.Projects;
using Wombat.Domain.Projects;

namespace Wombat.Api.Endpoints;

/// <summary>All fields of a project. Read-only fields of an answer may be sent along; they are ignored.</summary>
internal sealed class UpdateProjectBody : ProjectBody
{
    /// <summary>Cannot be changed; may be sent as it is.</summary>
    [StringLength(Project.UnixNameMax, MinimumLength = Project.UnixNameMin)]
    [RegularExpression(Project.UnixNamePattern)]
    public string? UnixName { get; init; }

    [ReadOnly(true)]
    public JsonElement? Id { get; init; }

    [ReadOnly(true)]
    public JsonElement? CreatedAt { get; init; }

    [ReadOnly(true)]
    public JsonElement? UpdatedAt { get; init; }

    [ReadOnly(true)]
    public JsonElement? Version { get; init; }

    [ReadOnly(true)]
    public JsonElement? DeletingSince { get; init; }

    [ReadOnly(true)]
    public JsonElement? Actions { get; init; }

    internal ProjectChanges ToChanges() =>
        new(new(Name), new(Description), new(Active), new(Visibility), new(Tags), new(JobRetentionDays), new(JobLogsMaxMib));
}
