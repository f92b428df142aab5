using System.Buffers.Text;
using System.Globalization;
using Wombat.Application.Commands;

namespace Wombat.Infrastructure.Commands;

/// <summary>Reads the host keys that an address shows. Nobody signs in there.</summary>
internal static class HostKeyScan
{
    private const string KeyScan = "/usr/bin/ssh-keyscan";
    private const string ScanSeconds = "5";
    private const int KeyFields = 3;

    private static readonly TimeSpan ScanTime = TimeSpan.FromSeconds(10);

    // A server shows one key to each client. These are the types that ssh-keyscan asks for.
    private static readonly string[] Algorithms =
    [
        "ssh-ed25519",
        "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
        "rsa-sha2-512,rsa-sha2-256",
    ];

    /// <returns>Type and base64 of each, sorted.</returns>
    public static async Task<IReadOnlyList<string>> ReadAsync(string address, int port, CancellationToken cancel)
    {
        string[] arguments = ["-T", ScanSeconds, "-p", port.ToString(CultureInfo.InvariantCulture), "--", address];
        var result = await SshClient.ExecuteAsync(KeyScan, arguments, ScanTime, cancel);
        return KeysIn(result.Output.Split('\n').Where(l => !l.StartsWith('#')));
    }

    /// <summary>Reads them through a jump host, where ssh-keyscan cannot be used.</summary>
    /// <returns>The same; and what ssh of the jump host says if the server was not reached.</returns>
    public static async Task<(IReadOnlyList<string> Keys, string Error)> ReadAsync(
        string address,
        int port,
        SshTarget jump,
        CancellationToken cancel
    )
    {
        using var connection = new SshConnection(jump);
        var mark = RemoteScript.NewMark();
        var proxy = connection.ProxyCommand(address, port);
        var errors = await Task.WhenAll(
            Algorithms.Select(async algorithms =>
                (await SshClient.ExecuteAsync(SshClient.Ssh, Arguments(address, proxy, algorithms, mark), ScanTime, cancel)).ErrorTail
            )
        );
        var lines = errors.SelectMany(e => e.Split('\n')).ToLookup(l => l.StartsWith(mark, StringComparison.Ordinal));
        return (KeysIn(lines[true]), string.Join('\n', lines[false]));
    }

    // No key is known, so that ssh ends before it would sign in. It tells each key to the command for known keys first.
    private static string[] Arguments(string address, string proxy, string algorithms, string mark) =>
        [
            .. SshConnection.With([
                $"ProxyCommand={proxy}",
                "User=nobody",
                "BatchMode=yes",
                "StrictHostKeyChecking=yes",
                $"HostKeyAlias={SshConnection.HostAlias}",
                $"HostKeyAlgorithms={algorithms}",
                "UserKnownHostsFile=none",
                "GlobalKnownHostsFile=none",
                $"KnownHostsCommand=/bin/sh -c \"echo \\\"{mark} $0 $1\\\" >&2\" %t %K",
                "CheckHostIP=no",
                "PreferredAuthentications=none",
                "IdentityAgent=none",
                $"ConnectTimeout={ScanSeconds}",
                "LogLevel=ERROR",
            ]),
            "--",
            address,
        ];

    private static string[] KeysIn(IEnumerable<string> lines) =>
        [
            .. lines
                .Select(l => l.TrimEnd('\r').Split(' ', KeyFields))
                .Where(f => f.Length == KeyFields && IsKey(f[1], f[2]))
                .Select(f => $"{f[1]} {f[2]}")
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];

    private static bool IsKey(string type, string key) =>
        type != "NONE" && type.Length > 0 && type.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '@') && Base64.IsValid(key);
}
