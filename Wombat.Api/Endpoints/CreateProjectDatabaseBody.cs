using System.ComponentModel.DataAnnotations;
using Wombat.Application.Databases;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;

namespace Wombat.Api.Endpoints;

/// <summary>A database to create in the project that the body names.</summary>
internal sealed class CreateProjectDatabaseBody : CreateDatabaseBody
{
    /// <summary>The project that gets it.</summary>
    [Required]
    public Guid? ProjectId { get; init; }

    internal CreateResource<DatabaseSpec, AcceptedDatabase> ToRequest()
    {
        if (ProjectId is { } project)
        {
            return ToRequest(project);
        }

        // Without a project there is no message, so its validator cannot report the other fields.
        var missing = new (string Field, string? Value)[] { ("project_id", null), ("name", Name), ("tier", Tier) }
            .Where(f => f.Value is null)
            .ToDictionary(f => f.Field, _ => new[] { "is required" }, StringComparer.Ordinal);
        throw new InvalidInputException(missing);
    }
}
