using System.Text.Json.Serialization;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Plugins;
using Wombat.Application.Projects;

namespace Wombat.Application.Common;

/// <summary>Source-generated JSON of what is written often. Options come from <see cref="WombatJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Cursor))]
[JsonSerializable(typeof(ProjectDto))]
[JsonSerializable(typeof(Page<ProjectDto>))]
[JsonSerializable(typeof(ContainerDto))]
[JsonSerializable(typeof(Page<ContainerDto>))]
[JsonSerializable(typeof(JobDto))]
[JsonSerializable(typeof(Page<JobDto>))]
[JsonSerializable(typeof(EventDto))]
[JsonSerializable(typeof(Page<EventDto>))]
[JsonSerializable(typeof(Page<PluginDto>))]
[JsonSerializable(typeof(LogLine[]))]
[JsonSerializable(typeof(LogPage))]
public sealed partial class WombatJsonContext : JsonSerializerContext;
