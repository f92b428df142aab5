using System.Text.Json.Serialization;
using Wombat.Application.Common;

namespace Wombat.Application.Audit;

/// <summary>Source-generated JSON of answers that are written often. Options come from <see cref="WombatJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EventDto))]
[JsonSerializable(typeof(Page<EventDto>))]
internal sealed partial class EventJsonContext : JsonSerializerContext;
