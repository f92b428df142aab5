using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Keys of SSH that are not in the database but on this machine, where settings allow them.</summary>
public interface ISshKeyPlaces
{
    /// <summary>Why keys of this source cannot be used; null if they can.</summary>
    string? FindProblem(SshKeySource source);

    /// <summary>Reads a private key of the directory of key files.</summary>
    /// <param name="path">Within the directory.</param>
    /// <exception cref="SshHostUnavailableException">It is no key that can be used, or others can read it.</exception>
    Task<string> ReadFileAsync(string path, CancellationToken cancel);

    /// <summary>Returns the path of the agent's socket.</summary>
    /// <exception cref="SshHostUnavailableException">No agent answers there.</exception>
    Task<string> FindAgentAsync(CancellationToken cancel);
}
