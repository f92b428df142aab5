using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>The git repository of which a run has a checkout.</summary>
/// <param name="Repository">Its address, or its directory on the machine.</param>
/// <param name="Reference">A branch, a tag or a commit; null for the default branch.</param>
/// <param name="Directory">The working directory in the repository; null for its root.</param>
/// <param name="Commit">The commit of the reference; null before that is known. A repetition of the run has the same.</param>
public sealed record RunSourceDto(string Repository, string? Reference, string? Directory, string? Commit)
{
    internal static RunSourceDto? Of(GitSource? source) =>
        source is null ? null : new RunSourceDto(source.Repository, source.Reference, source.Directory, source.Commit);
}
