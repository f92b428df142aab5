using System.Text.Json.Serialization;
using Wombat.Application.Common;

namespace Wombat.Application.Containers;

/// <summary>Source-generated JSON of answers that are written often. Options come from <see cref="WombatJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ContainerDto))]
[JsonSerializable(typeof(Page<ContainerDto>))]
internal sealed partial class ContainerJsonContext : JsonSerializerContext;
