using System.Text.Json.Serialization;
using Wombat.Application.Common;

namespace Wombat.Application.Jobs;

/// <summary>Source-generated JSON of answers that are written often. Options come from <see cref="WombatJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(JobDto))]
[JsonSerializable(typeof(Page<JobDto>))]
[JsonSerializable(typeof(LogLine[]))]
[JsonSerializable(typeof(LogPage))]
[JsonSerializable(typeof(LogSearchPage))]
internal sealed partial class JobJsonContext : JsonSerializerContext;
