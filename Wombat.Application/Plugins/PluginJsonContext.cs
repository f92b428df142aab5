using System.Text.Json.Serialization;
using Wombat.Application.Common;

namespace Wombat.Application.Plugins;

/// <summary>Source-generated JSON of answers that are written often. Options come from <see cref="WombatJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Page<PluginDto>))]
internal sealed partial class PluginJsonContext : JsonSerializerContext;
