using System.Globalization;
using System.Text;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>
/// The files of networks in a data folder: names and name servers for containers, and lxc's configuration of each container.
/// </summary>
internal sealed class NetworkFiles(string dataDirectory)
{
    private const string Domain = "wombat.internal";

    private const string FolderName = ".net";

    private readonly string folder = Path.Combine(dataDirectory, "lxc", FolderName);

    /// <summary>The file that the configuration of a container includes.</summary>
    public string ConfigFile(string container) => Path.Combine(folder, container + ".conf");

    /// <summary>Connects a container to the bridge of its network, with a fixed address, at its next start.</summary>
    /// <param name="path">The folder of the containers as the container reaches it.</param>
    public void WriteConfig(NetworkRecord network, NetworkMember member, string path)
    {
        var lines = new List<string>
        {
            "lxc.net.0.type = veth",
            "lxc.net.0.name = eth0",
            "lxc.net.0.flags = up",
            $"lxc.net.0.link = {network.Bridge}",
            $"lxc.net.0.veth.pair = {member.Interface}",
            $"lxc.net.0.hwaddr = {member.Mac}",
            $"lxc.net.0.mtu = {Uplink.Mtu.ToString(CultureInfo.InvariantCulture)}",
            // lxc computes a wrong broadcast address when it is not given.
            $"lxc.net.0.ipv4.address = {network.WithPrefix(member.Address)} {network.Subnet.Broadcast}",
            Mount(path, network, "hosts"),
            Mount(path, network, "resolv.conf"),
        };
        if (network.Egress != Egress.Deny)
        {
            lines.Add($"lxc.net.0.ipv4.gateway = {network.Subnet.Gateway}");
        }

        WriteConfig(member.Container, lines);
    }

    /// <summary>Connects a container to a bridge of the administrator, which gives it an address; null gives it no network.</summary>
    public void WriteConfig(string container, string? bridge) =>
        WriteConfig(
            container,
            bridge is null ? ["lxc.net.0.type = empty"] : ["lxc.net.0.type = veth", $"lxc.net.0.link = {bridge}", "lxc.net.0.flags = up"]
        );

    public void DeleteConfig(string container) => File.Delete(ConfigFile(container));

    /// <summary>Updates what the containers of a network see. Written in place: a mount shows the old file after a rename.</summary>
    public void WriteNames(NetworkRecord network)
    {
        var hosts = new StringBuilder("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
        foreach (var member in network.Members)
        {
            var names = new[] { $"{member.Label}.{network.Name}.{Domain}", member.Label, member.Container };
            var valid = names.Where(n => n != "localhost").Distinct(StringComparer.Ordinal);
            hosts.Append(CultureInfo.InvariantCulture, $"{member.Address} {string.Join(' ', valid)}\n");
        }

        var servers = network.Egress == Egress.Deny ? [] : network.NameServers;
        WriteInPlace(FileOf(network, "hosts"), hosts.ToString());
        WriteInPlace(
            FileOf(network, "resolv.conf"),
            $"search {network.Name}.{Domain}\n{string.Concat(servers.Select(s => $"nameserver {s}\n"))}"
        );
    }

    public void DeleteNames(NetworkRecord network)
    {
        if (Path.GetDirectoryName(FileOf(network, "hosts")) is { } names && Directory.Exists(names))
        {
            Directory.Delete(names, recursive: true);
        }
    }

    private string FileOf(NetworkRecord network, string file) => Path.Combine(folder, network.Name, file);

    // "optional": a symbolic link in the container's place, such as systemd-resolved's, does not prevent the start.
    private static string Mount(string path, NetworkRecord network, string file) =>
        $"lxc.mount.entry = {Path.Combine(path, FolderName, network.Name, file)} etc/{file} none bind,ro,create=file,optional 0 0";

    private void WriteConfig(string container, IEnumerable<string> lines)
    {
        // Root of a container mounts the files, and is no root here.
        PassableFolder.Ensure(folder);
        PrivateFiles.Write(ConfigFile(container), string.Join('\n', lines) + "\n");
    }

    private void WriteInPlace(string file, string content)
    {
        PassableFolder.Ensure(folder);
        PassableFolder.Ensure(Path.GetDirectoryName(file)!);
        if (File.Exists(file) && File.ReadAllText(file) == content)
        {
            return;
        }

        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(Encoding.UTF8.GetBytes(content));
        stream.SetLength(Encoding.UTF8.GetByteCount(content));

        // Every account of a container reads it.
        File.SetUnixFileMode(stream.SafeFileHandle, FileModes.Readable);
    }
}
