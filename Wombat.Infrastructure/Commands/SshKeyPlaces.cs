using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>Finds keys of SSH on this machine.</summary>
internal sealed class SshKeyPlaces(WombatSettings settings, ISshClient ssh) : ISshKeyPlaces
{
    private const UnixFileMode OfOthers =
        UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly TimeSpan AgentTime = TimeSpan.FromSeconds(5);

    public string? FindProblem(SshKeySource source) =>
        source switch
        {
            SshKeySource.File when settings.Commands.KeyDirectory is null => "cannot be file: the setting commands.key_directory is absent",
            SshKeySource.Agent when settings.Commands.AgentSocket is null => "cannot be agent: the setting commands.agent_socket is absent",
            _ => null,
        };

    public async Task<string> ReadFileAsync(string path, CancellationToken cancel)
    {
        var directory = settings.Commands.KeyDirectory ?? throw Unusable("The setting commands.key_directory is absent.");
        var text = await ReadTextAsync(directory, path, cancel);
        return (await ssh.ReadKeyAsync(text, cancel))?.PrivateKey
            ?? throw Unusable($"The key file {path} is no private key without a passphrase in the format of OpenSSH.");
    }

    public async Task<string> FindAgentAsync(CancellationToken cancel)
    {
        var path = settings.Commands.AgentSocket ?? throw Unusable("The setting commands.agent_socket is absent.");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(AgentTime);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
            return path;
        }
        catch (Exception e) when (e is SocketException || e is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            throw Unusable("No SSH agent answers at the socket of commands.agent_socket.");
        }
    }

    private static async Task<string> ReadTextAsync(string directory, string path, CancellationToken cancel)
    {
        try
        {
            using var handle = File.OpenHandle(Path.Combine(directory, path));
            if (ProblemOf(handle, directory) is { } problem)
            {
                throw Unusable($"The key file {path} {problem}.");
            }

            var bytes = new byte[SshHost.PrivateKeyMax];
            return Encoding.UTF8.GetString(bytes, 0, await RandomAccess.ReadAsync(handle, bytes, 0, cancel));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unusable($"The key file {path} does not exist.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable($"The key file {path} cannot be read.");
        }
    }

    // The file that was opened counts, not what a link names afterwards.
    private static string? ProblemOf(SafeFileHandle handle, string directory)
    {
        var descriptor = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");
        var mode = File.GetUnixFileMode(handle);
        return new FileInfo(descriptor).LinkTarget?.StartsWith($"{FolderProcesses.RealPath(directory)}/", StringComparison.Ordinal) != true
                ? "is outside the directory of key files"
            : (mode & OfOthers) != UnixFileMode.None
                ? $"has the mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}; only its owner may write it, and others must not read it"
            : RandomAccess.GetLength(handle) > SshHost.PrivateKeyMax ? "is too large for a key"
            : null;
    }

    private static SshHostUnavailableException Unusable(string problem) => new(new SshContact(SshHostState.LoginRefused, problem));
}
