using Wombat.Application.Jobs;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Reaches hosts by SSH. A host is only talked to if it shows an accepted host key.</summary>
public interface ISshClient
{
    /// <summary>Makes a new key.</summary>
    Task<SshKeyPair> CreateKeyAsync(CancellationToken cancel);

    /// <summary>Reads a private key that somebody gave.</summary>
    /// <returns>Null if it is none, or has a passphrase.</returns>
    Task<SshKeyPair?> ReadKeyAsync(string privateKey, CancellationToken cancel);

    /// <summary>Reads the host keys that an address shows within five seconds. Nobody signs in there.</summary>
    /// <param name="jump">The host through which the address is reached; null for a direct connection.</param>
    Task<ShownHostKeys> ReadHostKeysAsync(string address, int port, SshTarget? jump, CancellationToken cancel);

    /// <summary>Signs in and executes nothing of consequence.</summary>
    Task<SshContact> ContactAsync(SshTarget target, CancellationToken cancel);

    /// <summary>
    /// Runs a program on a host, with its arguments and variables exactly as given, and writes its output to the log. After a
    /// cancellation, the time limit or a full log its processes get SIGTERM and then SIGKILL; the result says what is left.
    /// </summary>
    /// <param name="onStart">Is told about the program when it has started.</param>
    /// <exception cref="SshHostUnavailableException">Nothing was executed.</exception>
    /// <exception cref="JobFailedException">The SSH client of this machine cannot be started.</exception>
    Task<RunResult> RunAsync(
        SshTarget target,
        RunCall call,
        IJobLog log,
        Func<RemoteProcess, CancellationToken, Task> onStart,
        CancellationToken cancel
    );

    /// <summary>Ends what an earlier attempt of a run has left on a host.</summary>
    /// <returns>What is left, or that it could not be learnt.</returns>
    Task<RunEnding> EndAsync(SshTarget target, RemoteProcess process);
}
