using System.Text.Json.Serialization;

namespace Wombat.Application.Common;

/// <summary>Source-generated JSON of cursors. Options come from <see cref="WombatJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Cursor))]
internal sealed partial class CursorJsonContext : JsonSerializerContext;
