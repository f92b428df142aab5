using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.TestSupport;

/// <summary>
/// A real sshd with an account of its own, which exists only there: sshd runs in a mount namespace with another /etc/passwd, and in a
/// process namespace, which ends with it.
/// </summary>
public sealed class SshServer : IAsyncDisposable
{
    public const string User = "runner";

    /// <summary>A name of this machine that only the servers know.</summary>
    public const string InnerName = "inner.wombat.test";

    // The first process of the namespace becomes sshd. Its parent directory for privilege separation may not exist in a container.
    private const string Start = """
        mount --make-rprivate / && mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/shadow" /etc/shadow || exit 1
        mount --bind "$1/hosts" /etc/hosts || exit 1
        mkdir -p /run/sshd
        [ -z "$2" ] || mount -t tmpfs none /proc || exit 1
        exec /usr/sbin/sshd -D -e -f "$1/sshd_config"
        """;

    private static int accounts;

    private readonly TestFolder folder = new();
    private PeerProcess? process;
    private bool hasProc;
    private bool isDropping;

    private SshServer() { }

    public int Port { get; } = FreePort.Next();

    /// <summary>An id that no other account and no other server of the tests has.</summary>
    public int Uid { get; } = 61_000 + Environment.ProcessId % 1000 * 20 + Interlocked.Increment(ref accounts);

    /// <summary>A directory that the account can write to.</summary>
    public string Home => Path.Combine(folder.Path, "home");

    [SuppressMessage("Reliability", "CA2000", Justification = "The caller disposes of it.")]
    public static async Task<SshServer> StartAsync(string shell = "/bin/bash", bool hasProc = true)
    {
        var server = new SshServer { hasProc = hasProc };
        await server.PrepareAsync(shell);
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync() =>
        process = await PeerProcess.StartAsync(
            Port,
            "/usr/bin/unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "sh",
            "-c",
            Start,
            "sh",
            folder.Path,
            hasProc ? "" : "hidden"
        );

    /// <summary>Ends it and all that runs there.</summary>
    public async Task KillAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
            process = null;
        }
    }

    /// <summary>Lets a key in.</summary>
    public Task AuthorizeAsync(string publicKey) => File.WriteAllTextAsync(Path.Combine(folder.Path, "authorized_keys"), publicKey + "\n");

    private string Filter => $"wombat_test_{Port}";

    /// <summary>Gives it another host key; it must be started again.</summary>
    public async Task ChangeHostKeyAsync()
    {
        File.Delete(Path.Combine(folder.Path, "host"));
        await RunAsync("/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder.Path, "host"));
    }

    /// <summary>The fingerprint of its host key, as ssh-keygen prints it.</summary>
    public async Task<string> FingerprintAsync() =>
        (await RunAsync("/usr/bin/ssh-keygen", "-lf", Path.Combine(folder.Path, "host.pub"))).Split(' ')[1];

    /// <summary>The command lines of the account's processes besides sshd's own.</summary>
    public IReadOnlyList<string> Processes() =>
        [
            .. Directory
                .GetDirectories("/proc")
                .Where(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .Where(IsOfAccount)
                .Select(CommandLine)
                .Where(c => c.Length > 0 && !c.StartsWith("sshd", StringComparison.Ordinal)),
        ];

    /// <summary>Sends a signal to all processes of the account and to the servers of its sessions.</summary>
    public async Task SignalSessionsAsync(string signal)
    {
        var sessions = Directory
            .GetDirectories("/proc")
            .Where(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Where(d => CommandLine(d).StartsWith($"sshd: {User}", StringComparison.Ordinal) && IsOfAccount(d))
            .Select(d => Path.GetFileName(d)!);
        await RunAsync("/bin/kill", [$"-{signal}", .. sessions]);
    }

    /// <summary>Drops all packets to and from it, as a broken network does. Returns false if the machine does not allow that.</summary>
    public async Task<bool> DropPacketsAsync()
    {
        var rules = $$"""
            table inet {{Filter}} {
                chain lost {
                    type filter hook input priority 0
                    tcp dport {{Port}} drop
                    tcp sport {{Port}} drop
                }
            }
            """;
        var result = await ChildProcess.RunAsync(
            new ChildCommand("/usr/sbin/nft", [rules], TimeSpan.FromSeconds(20)),
            CancellationToken.None
        );
        isDropping = result.ExitCode == 0;
        return isDropping;
    }

    public async Task PassPacketsAsync()
    {
        if (isDropping)
        {
            await RunAsync("/usr/sbin/nft", "delete", "table", "inet", Filter);
            isDropping = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await PassPacketsAsync();
        await KillAsync();
        folder.Dispose();
    }

    private async Task PrepareAsync(string shell)
    {
        Directory.CreateDirectory(Home);
        UnixAccounts.ChangeOwner(Home, (uint)Uid, (uint)Uid);
        await ChangeHostKeyAsync();
        await WriteAsync(
            "passwd",
            $"root:x:0:0::/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n{User}:x:{Uid}:{Uid}::{Home}:{shell}\n"
        );
        await WriteAsync("shadow", $"root:*:19000:::::: \nsshd:*:19000::::::\n{User}:*:19000::::::\n");
        await WriteAsync(
            "sshd_config",
            $"""
            Port {Port}
            ListenAddress 127.0.0.1
            HostKey {folder.Path}/host
            PidFile none
            AuthorizedKeysFile {folder.Path}/authorized_keys
            StrictModes no
            PasswordAuthentication no
            UsePAM no
            MaxStartups 100
            """
        );
        await WriteAsync("hosts", $"127.0.0.1 localhost {InnerName}");
        await WriteAsync("authorized_keys", "");
    }

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(folder.Path, name), text + "\n");

    private bool IsOfAccount(string process)
    {
        try
        {
            var line = File.ReadLines(Path.Combine(process, "status")).First(l => l.StartsWith("Uid:", StringComparison.Ordinal));
            return line.Split('\t')[1] == Uid.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Empty for a process that has ended.
    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ').Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(new ChildCommand(program, arguments, TimeSpan.FromSeconds(20)), CancellationToken.None);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"{program}: {result.ErrorTail}");
    }
}
