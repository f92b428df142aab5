using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Reads git repositories as the account of the runs.</summary>
public interface IGitRepositories
{
    /// <summary>Why the settings of this machine do not allow the repository, as the end of a sentence; null if they do.</summary>
    string? FindProblem(GitSource source);

    /// <summary>Asks the repository for the commit that its reference has now.</summary>
    /// <exception cref="GitException">The repository cannot be read, or does not have the reference.</exception>
    Task<string> ResolveAsync(GitAccess access, CancellationToken cancel);
}
