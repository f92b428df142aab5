using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>A directory or a git repository to register for commands.</summary>
internal sealed class CreateWorkspaceBody
{
    /// <summary>Unique among the workspaces of its project.</summary>
    /// <example>website</example>
    [Required]
    [StringLength(Workspace.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>
    /// An absolute path on the machine that answers. The account that runs commands must be able to read it. Either this or
    /// <c>repository</c> is given.
    /// </summary>
    /// <example>/srv/website</example>
    [StringLength(Workspace.PathMax, MinimumLength = 1)]
    public string? Path { get; init; }

    /// <summary>
    /// A git repository: an https address without a password, or a directory of the machine that the setting
    /// <c>commands.git_directories</c> allows. Each run has a checkout of its own.
    /// </summary>
    [StringLength(GitSource.RepositoryMax, MinimumLength = 1)]
    public string? Repository { get; init; }

    /// <summary>A branch, a tag or the full name of a commit of the repository; its default branch when absent.</summary>
    [StringLength(GitSource.ReferenceMax, MinimumLength = 1)]
    public string? Reference { get; init; }

    /// <summary>The working directory in the repository; its root when absent.</summary>
    [StringLength(GitSource.DirectoryMax, MinimumLength = 1)]
    public string? Directory { get; init; }

    /// <summary>The access token with which Wombat reads the repository over https. It is stored encrypted and never returned.</summary>
    [StringLength(GitSource.TokenMax, MinimumLength = 1)]
    public string? Token { get; init; }

    /// <summary>The project whose commands may use it; only commands of the platform when absent.</summary>
    public Guid? ProjectId { get; init; }

    internal CreateWorkspace ToRequest() => new(Name ?? "", ProjectId, Path, Source, Token);

    private GitSource? Source =>
        (Repository ?? Reference ?? Directory ?? Token) is null
            ? null
            : new GitSource
            {
                Repository = Repository ?? "",
                Reference = Reference,
                Directory = Directory,
            };
}
