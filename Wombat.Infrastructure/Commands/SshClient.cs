using Wombat.Application.Commands;
using Wombat.Application.Jobs;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>Reaches hosts by the ssh of this machine.</summary>
internal sealed class SshClient(WombatSettings settings, RunFolders folders) : ISshClient
{
    internal const string Ssh = "/usr/bin/ssh";

    private const string KeyGen = "/usr/bin/ssh-keygen";
    private const string NotForwarded = "stdio forwarding failed";
    private const int TimedOut = -1;
    private const int OfSsh = 255;

    // A server that is busy ends some of many logins at the same time (MaxStartups).
    private const int Logins = 4;
    private static readonly TimeSpan LoginPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan KeyTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ContactTime = TimeSpan.FromSeconds(20);

    public async Task<SshKeyPair> CreateKeyAsync(CancellationToken cancel)
    {
        using var folder = folders.Create($"key-{Guid.NewGuid():N}", null);
        var path = Path.Combine(folder.Path, "key");
        var made = await ExecuteAsync(KeyGen, ["-q", "-t", "ed25519", "-N", "", "-C", "wombat", "-f", path], KeyTime, cancel);
        if (made.ExitCode != 0)
        {
            throw new InvalidOperationException($"ssh-keygen made no key: {made.ErrorTail}");
        }

        return new SshKeyPair(
            await File.ReadAllTextAsync(path, cancel),
            (await File.ReadAllTextAsync($"{path}.pub", cancel)).TrimEnd('\n')
        );
    }

    public async Task<SshKeyPair?> ReadKeyAsync(string privateKey, CancellationToken cancel)
    {
        // ssh reads no key with the line ends of Windows, or without the last one.
        var text = privateKey.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (text.Contains('\0'))
        {
            return null;
        }

        using var file = new MemoryFile(text);
        var result = await ExecuteAsync(KeyGen, ["-y", "-P", "", "-f", file.Path], KeyTime, cancel);
        return result.ExitCode == 0 ? new SshKeyPair(text, result.Output.TrimEnd('\n')) : null;
    }

    public async Task<ShownHostKeys> ReadHostKeysAsync(string address, int port, SshTarget? jump, CancellationToken cancel)
    {
        if (jump is null)
        {
            var keys = await HostKeyScan.ReadAsync(address, port, cancel);
            return new ShownHostKeys(keys, keys.Count == 0 ? SshContact.Unreachable(address, port, null) : null);
        }

        var (shown, error) = await HostKeyScan.ReadAsync(address, port, jump, cancel);
        if (shown.Count > 0)
        {
            return new ShownHostKeys(shown, null);
        }

        // The jump host says that when it has let Wombat in and could not connect to the address.
        var contact = error.Contains(NotForwarded, StringComparison.Ordinal) ? null : await ContactAsync(jump, cancel);
        return new ShownHostKeys(
            [],
            contact is { Problem: not null, IsSignedIn: false }
                ? SshContact.WithoutJump(jump.Name, contact)
                : SshContact.Unreachable(address, port, jump.Name)
        );
    }

    public async Task<SshContact> ContactAsync(SshTarget target, CancellationToken cancel)
    {
        using var connection = new SshConnection(target);
        var mark = RemoteScript.NewMark();
        var result = await ExecuteAsync(Ssh, connection.Arguments($"echo {mark}"), ContactTime, cancel);
        if (result.Output.Contains(mark, StringComparison.Ordinal))
        {
            return new SshContact(SshHostState.Reachable, null);
        }

        // With another exit code than its own ssh passes on that of the account's shell.
        if (result.ExitCode is not (TimedOut or OfSsh))
        {
            var refused =
                $"The host lets Wombat in as {target.UserName}, and the shell of this account executes nothing{Detail(result.ErrorTail)}";
            return new SshContact(SshHostState.LoginRefused, refused) { IsSignedIn = true };
        }

        // ssh exits with 255 whatever has happened, so the host is asked what it is.
        var shown = await ReadHostKeysAsync(target.Address, target.Port, target.Jump, cancel);
        return shown.Failure is { } failure ? failure
            : IsOther(target.HostKeys, shown.Keys) ? SshContact.KeyChanged
            : result.ExitCode == TimedOut ? new SshContact(SshHostState.Unreachable, "The login neither succeeded nor failed in time.")
            : new SshContact(SshHostState.LoginRefused, $"The host does not let Wombat in as {target.UserName}{Detail(result.ErrorTail)}");
    }

    public async Task<RunResult> RunAsync(
        SshTarget target,
        RunCall call,
        IJobLog log,
        Func<RemoteProcess, CancellationToken, Task> onStart,
        CancellationToken cancel
    )
    {
        try
        {
            for (var login = 1; login < Logins; login++)
            {
                if (await TryRunAsync(target, call, log, onStart, cancel) is { } result)
                {
                    return result;
                }

                await Task.Delay(LoginPause * login, cancel);
            }

            return await TryRunAsync(target, call, log, onStart, cancel)
                ?? throw new SshHostUnavailableException(
                    new SshContact(SshHostState.Unreachable, $"{target.Address} has ended {Logins} logins before they were complete.")
                );
        }
        catch (ProgramMissingException e)
        {
            throw new JobFailedException(ErrorCode.NotSupported, $"The SSH client cannot be started: {e.Message}");
        }
    }

    /// <returns>Null if the login was not completed though the host lets Wombat in.</returns>
    private async Task<RunResult?> TryRunAsync(
        SshTarget target,
        RunCall call,
        IJobLog log,
        Func<RemoteProcess, CancellationToken, Task> onStart,
        CancellationToken cancel
    )
    {
        using var messages = new SshLog(folders.Create($"ssh-{Guid.NewGuid():N}", account: null));
        using var connection = new SshConnection(target, messages);
        var run = new RemoteRun(this, target, connection, messages, call, log, settings.Commands.Grace);
        return await run.RunAsync(onStart, cancel);
    }

    public Task<RunEnding> EndAsync(SshTarget target, RemoteProcess process) =>
        RemoteEnd.RunAsync(target, process.Attempt, process, settings.Commands.Grace);

    /// <summary>The ssh of this machine, for a connection that executes a script.</summary>
    internal static ChildCommand Command(SshConnection connection, string end, Stream input, TimeSpan timeout) =>
        Clean(Ssh, connection.Arguments(RemoteScript.Command(end)), timeout) with
        {
            Input = input,
        };

    /// <summary>Executes a program of OpenSSH.</summary>
    /// <returns>A negative exit code if it did not end in time.</returns>
    internal static async Task<ChildResult> ExecuteAsync(
        string program,
        IReadOnlyList<string> arguments,
        TimeSpan time,
        CancellationToken cancel
    )
    {
        try
        {
            return await ChildProcess.RunAsync(Clean(program, arguments, time), cancel);
        }
        catch (Exception e) when (e is TimeoutException or OutputTooLargeException)
        {
            return new ChildResult(TimedOut, "", "");
        }
    }

    private static ChildCommand Clean(string program, IReadOnlyList<string> arguments, TimeSpan timeout) =>
        new(program, arguments, timeout)
        {
            WorkingDirectory = "/",
            HasCleanEnvironment = true,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = "/usr/bin:/bin", ["LC_ALL"] = "C.UTF-8" },
        };

    // Other keys: one of an accepted type with another value, or none of the accepted ones.
    private static bool IsOther(IReadOnlyList<string> accepted, IReadOnlyList<string> shown)
    {
        var types = accepted.Select(TypeOf).ToHashSet(StringComparer.Ordinal);
        return shown.Any(k => types.Contains(TypeOf(k)) && !accepted.Contains(k, StringComparer.Ordinal))
            || !shown.Any(k => accepted.Contains(k, StringComparer.Ordinal));
    }

    private static string TypeOf(string key) => key[..key.IndexOf(' ', StringComparison.Ordinal)];

    private static string Detail(string error) =>
        ExternalText.Clean(error.TrimEnd().Split('\n')[^1].Trim()) is { Length: > 0 } text ? $": {text}" : ".";
}
