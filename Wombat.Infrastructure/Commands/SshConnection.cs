using System.Globalization;
using Wombat.Application.Commands;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>
/// What ssh needs to sign in to one host, through its jump host if it has one. Neither the account's settings nor its keys are used.
/// </summary>
internal sealed class SshConnection : IDisposable
{
    /// <summary>The name of the host in the files of known hosts.</summary>
    internal const string HostAlias = "wombat-host";

    // A lost connection is noticed after the interval times (count + 1).
    private const string AliveSeconds = "5";
    private const string AliveCount = "2";
    private const string ConnectSeconds = "10";

    private readonly MemoryFile? key;
    private readonly MemoryFile knownHosts;
    private readonly SshConnection? jump;
    private readonly SshTarget target;
    private readonly SshLog? log;

    /// <param name="target">Where to.</param>
    /// <param name="log">Gets the messages of ssh in place of its standard error; null for none.</param>
    public SshConnection(SshTarget target, SshLog? log = null)
    {
        (this.target, this.log) = (target, log);
        key = target.Key.PrivateKey is { } text ? new MemoryFile(text) : null;
        knownHosts = new MemoryFile(string.Concat(target.HostKeys.Select(k => $"{HostAlias} {k}\n")));
        jump = target.Jump is null ? null : new SshConnection(target.Jump);
    }

    /// <summary>The arguments of ssh that execute a command line of the account's shell.</summary>
    public IReadOnlyList<string> Arguments(string command) => [.. Start(), "--", target.Address, command];

    /// <summary>The value of the option ProxyCommand that connects to an address through this host.</summary>
    public string ProxyCommand(string address, int port)
    {
        var forward = string.Create(CultureInfo.InvariantCulture, $"[{address}]:{port}");
        string[] words = [SshClient.Ssh, .. Start(), "-W", forward, "--", target.Address];

        // A shell reads the value after ssh has replaced what begins with a percent sign.
        return string.Join(' ', words.Select(w => RemoteScript.Quote(w).Replace("%", "%%", StringComparison.Ordinal)));
    }

    public void Dispose()
    {
        jump?.Dispose();
        key?.Dispose();
        knownHosts.Dispose();
    }

    /// <summary>The first arguments of ssh, for a connection that depends on no other settings.</summary>
    internal static IReadOnlyList<string> With(IEnumerable<string> options) =>
        ["-F", "none", "-T", .. options.SelectMany(o => new[] { "-o", o })];

    private IEnumerable<string> Start() =>
        [.. With(Options()), .. key is null ? [] : new[] { "-i", key.Path }, .. log is null ? [] : new[] { "-E", log.Path }];

    // ssh reads the path as a word, with its own placeholders and variables.
    private string[] KeyOptions() =>
        target.Key.AgentSocket is { } socket
            ? ["IdentitiesOnly=no", "IdentityFile=none", $"IdentityAgent=\"{socket.Replace("%", "%%", StringComparison.Ordinal)}\""]
            : ["IdentitiesOnly=yes", "IdentityAgent=none"];

    private string[] Options() =>
        [
            string.Create(CultureInfo.InvariantCulture, $"Port={target.Port}"),
            $"User={target.UserName}",
            $"ProxyCommand={jump?.ProxyCommand(target.Address, target.Port) ?? "none"}",
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            $"HostKeyAlias={HostAlias}",
            $"UserKnownHostsFile={knownHosts.Path}",
            "GlobalKnownHostsFile=none",
            "UpdateHostKeys=no",
            "CheckHostIP=no",
            .. KeyOptions(),
            "PreferredAuthentications=publickey",
            "ClearAllForwardings=yes",
            "ControlMaster=no",
            "ControlPath=none",
            $"ConnectTimeout={ConnectSeconds}",
            $"ServerAliveInterval={AliveSeconds}",
            $"ServerAliveCountMax={AliveCount}",
            $"LogLevel={(log is null ? "ERROR" : SshLog.Level)}",
        ];
}
