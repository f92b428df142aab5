using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wombat.Api.Tests.Contract.Generated;

/// <summary>The generator adds no converter for lists of enums; users add one here.</summary>
public partial class WombatApiClient
{
    static partial void UpdateJsonSerializerSettings(JsonSerializerOptions settings) =>
        settings.Converters.Add(new JsonStringEnumConverter());
}
