using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wombat.Api.Tests.Contract.Generated;

/// <summary>The generator gives lists of enums no converter; its users add one here.</summary>
public partial class WombatApiClient
{
    static partial void UpdateJsonSerializerSettings(JsonSerializerOptions settings) =>
        settings.Converters.Add(new JsonStringEnumConverter());
}
