using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Reads directories of this machine.</summary>
public interface IWorkspaceReader
{
    /// <summary>Why a directory cannot be a workspace, as the end of a sentence; null if it can.</summary>
    /// <param name="path">An absolute path.</param>
    Task<string?> FindProblemAsync(string path, CancellationToken cancel);

    /// <summary>
    /// Reads the targets of the workspace's Makefile. make runs code of the Makefile while it reads it, so this happens without a network,
    /// without rights and within a few seconds.
    /// </summary>
    /// <param name="repository">The repository of the workspace at a commit; null for a workspace that is a directory.</param>
    /// <exception cref="Domain.Common.ConflictException">They cannot be read here; the message says why.</exception>
    Task<TargetsDto> ReadTargetsAsync(Workspace workspace, GitAccess? repository, CancellationToken cancel);
}
