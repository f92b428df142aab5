using System.Text.Json.Serialization;

namespace Wombat.Bench;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BareProject))]
[JsonSerializable(typeof(BarePage))]
[JsonSerializable(typeof(BareNew))]
internal sealed partial class BareJson : JsonSerializerContext;
