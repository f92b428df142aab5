using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>What forge stores about a network: one for each project of a data folder.</summary>
/// <param name="Number">Unique on this machine over all data folders.</param>
/// <param name="Owner">The data folder.</param>
/// <param name="Name">The name of the network, unique in its data folder: the project's unix_name.</param>
/// <param name="NameServers">The name servers that its containers may ask.</param>
/// <param name="Active">Whether its bridge and rules are meant to be there. False after <c>forge network down</c>.</param>
internal sealed record NetworkRecord(
    int Number,
    string Owner,
    string Name,
    Subnet Subnet,
    Egress Egress,
    IReadOnlyList<string> NameServers,
    bool Active,
    IReadOnlyList<NetworkMember> Members
)
{
    public const string BridgePrefix = "wb";

    public string Bridge => BridgeOf(Number);

    public string Mac => HardwareAddress.Of(HardwareAddress.Bridge, Number);

    public string GatewayWithPrefix => WithPrefix(Subnet.Gateway);

    public string WithPrefix(string address) => $"{address}/{Subnet.Prefix.ToString(CultureInfo.InvariantCulture)}";

    public static string BridgeOf(int number) => BridgePrefix + number.ToString(CultureInfo.InvariantCulture);

    public NetworkMember? Find(string container) => Members.FirstOrDefault(m => m.Container == container);

    public static NetworkRecord? Read(string file)
    {
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            return new NetworkRecord(
                (int)json["number"]!,
                (string)json["owner"]!,
                (string)json["name"]!,
                Subnet.Parse((string)json["subnet"]!)!.Value,
                Enum.Parse<Egress>((string)json["egress"]!),
                [.. json["name_servers"]!.AsArray().Select(s => (string)s!)],
                (bool)json["active"]!,
                [.. json["members"]!.AsArray().Select(m => NetworkMember.Read(m!))]
            );
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            throw new ForgeException(
                ExitCode.Failed,
                $"the record of the network {Path.GetFileNameWithoutExtension(file)} of this machine is damaged; an administrator must "
                    + "repair or delete it",
                e
            );
        }
    }

    /// <summary>Writes the file atomically.</summary>
    public void Write(string file)
    {
        var json = new JsonObject
        {
            ["number"] = Number,
            ["owner"] = Owner,
            ["name"] = Name,
            ["subnet"] = Subnet.ToString(),
            ["egress"] = Egress.ToString(),
            ["name_servers"] = new JsonArray([.. NameServers.Select(s => JsonValue.Create(s))]),
            ["active"] = Active,
            ["members"] = new JsonArray([.. Members.Select(m => m.ToJson())]),
        };
        PrivateFiles.Replace(file, json.ToJsonString());
    }
}
