using System.Globalization;
using System.Text.Json.Nodes;

namespace Wombat.Forge.Lxc;

/// <summary>A container in a network.</summary>
/// <param name="Container">The name of the container.</param>
/// <param name="Label">Its host name in the network, unique among the containers of a project.</param>
/// <param name="Port">The number of its interface on this machine, unique over all networks.</param>
/// <param name="Address">Its IPv4 address.</param>
internal sealed record NetworkMember(string Container, string Label, int Port, string Address)
{
    public const string InterfacePrefix = "wv";

    /// <summary>The end of its network link on this machine.</summary>
    public string Interface => InterfaceOf(Port);

    public string Mac => HardwareAddress.Of(HardwareAddress.Container, Port);

    public static string InterfaceOf(int port) => InterfacePrefix + port.ToString(CultureInfo.InvariantCulture);

    public JsonObject ToJson() =>
        new()
        {
            ["container"] = Container,
            ["label"] = Label,
            ["port"] = Port,
            ["address"] = Address,
        };

    public static NetworkMember Read(JsonNode json) =>
        new((string)json["container"]!, (string)json["label"]!, (int)json["port"]!, (string)json["address"]!);
}
