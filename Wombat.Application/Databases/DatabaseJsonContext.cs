using System.Text.Json.Serialization;
using Wombat.Application.Common;

namespace Wombat.Application.Databases;

/// <summary>Source-generated JSON of answers that are written often. Options come from <see cref="WombatJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DatabaseDto))]
[JsonSerializable(typeof(Page<DatabaseDto>))]
internal sealed partial class DatabaseJsonContext : JsonSerializerContext;
