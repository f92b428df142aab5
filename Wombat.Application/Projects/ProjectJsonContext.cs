using System.Text.Json.Serialization;
using Wombat.Application.Common;

namespace Wombat.Application.Projects;

/// <summary>Source-generated JSON of answers that are written often. Options come from <see cref="WombatJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ProjectDto))]
[JsonSerializable(typeof(Page<ProjectDto>))]
internal sealed partial class ProjectJsonContext : JsonSerializerContext;
