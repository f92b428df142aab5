using System.Globalization;
using Wombat.Application.Commands;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>What ssh needs to sign in to one host. Neither the account's settings nor its keys are used.</summary>
internal sealed class SshConnection : IDisposable
{
    // A lost connection is noticed after the interval times (count + 1).
    private const string AliveSeconds = "5";
    private const string AliveCount = "2";
    private const string ConnectSeconds = "10";
    private const string HostAlias = "wombat-host";

    private readonly MemoryFile key;
    private readonly MemoryFile knownHosts;
    private readonly SshTarget target;

    public SshConnection(SshTarget target)
    {
        this.target = target;
        key = new MemoryFile(target.PrivateKey);
        knownHosts = new MemoryFile(string.Concat(target.HostKeys.Select(k => $"{HostAlias} {k}\n")));
    }

    /// <summary>The arguments of ssh that execute a command line of the account's shell.</summary>
    public IReadOnlyList<string> Arguments(string command) =>
        [
            "-F",
            "none",
            "-T",
            "-i",
            key.Path,
            .. Options().SelectMany(o => new[] { "-o", o }),
            // Nothing after it is read as an option.
            "--",
            target.Address,
            command,
        ];

    public void Dispose()
    {
        key.Dispose();
        knownHosts.Dispose();
    }

    private string[] Options() =>
        [
            string.Create(CultureInfo.InvariantCulture, $"Port={target.Port}"),
            $"User={target.UserName}",
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            $"HostKeyAlias={HostAlias}",
            $"UserKnownHostsFile={knownHosts.Path}",
            "GlobalKnownHostsFile=none",
            "UpdateHostKeys=no",
            "CheckHostIP=no",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "PreferredAuthentications=publickey",
            "ClearAllForwardings=yes",
            "ControlMaster=no",
            "ControlPath=none",
            $"ConnectTimeout={ConnectSeconds}",
            $"ServerAliveInterval={AliveSeconds}",
            $"ServerAliveCountMax={AliveCount}",
            "LogLevel=ERROR",
        ];
}
