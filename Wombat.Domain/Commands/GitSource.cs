using System.Text.RegularExpressions;

namespace Wombat.Domain.Commands;

/// <summary>A git repository of which each run has a checkout of its own.</summary>
public sealed partial record GitSource
{
    public const int RepositoryMax = 1000;
    public const int ReferenceMax = 250;
    public const int DirectoryMax = 500;
    public const int TokenMax = 4000;
    private const string FileScheme = "file://";

    /// <summary>An https address, or a directory of the machine as an absolute path or a file URL.</summary>
    public required string Repository { get; init; }

    /// <summary>A branch, a tag or the full name of a commit; null for the default branch.</summary>
    public string? Reference { get; init; }

    /// <summary>The working directory in the repository; null for its root.</summary>
    public string? Directory { get; init; }

    /// <summary>The commit that the reference had; null before that was looked up.</summary>
    public string? Commit { get; init; }

    /// <summary>The directory of the machine; null for a server.</summary>
    public string? LocalPath =>
        Repository.StartsWith(FileScheme, StringComparison.Ordinal) ? Repository[FileScheme.Length..]
        : Repository.StartsWith('/') ? Repository
        : null;

    /// <summary>The commit, if the reference is the full name of one.</summary>
    public string? FixedCommit => Commit ?? (Reference is { } name && CommitRegex().IsMatch(name) ? name : null);

    /// <summary>Why the text is no address of a repository, as the end of a sentence; null if it is one.</summary>
    public static string? FindRepositoryProblem(string text) =>
        HasCredentials(text) ? "must not contain a user name or password; give an access token as token"
        : HttpsRegex().IsMatch(text) && !HasParent(text) ? null
        : IsEncodedFile(text) ? "must not contain % in a file URL; give the path as it is"
        : new GitSource { Repository = text }.LocalPath is ['/', ..] path && !HasParent(path) ? null
        : "must be an https address such as https://git.example.org/team/site.git, or an absolute path of this machine without ..";

    /// <inheritdoc cref="FindRepositoryProblem"/>
    public static string? FindReferenceProblem(string text) =>
        Sha256Regex().IsMatch(text) ? "must not be a commit of a SHA-256 repository, which Wombat does not support"
        : ReferenceRegex().IsMatch(text)
        && !text.Contains("..", StringComparison.Ordinal)
        && !text.Contains("//", StringComparison.Ordinal)
        && !text.Contains("@{", StringComparison.Ordinal)
            ? null
        : "must be the name of a branch or tag, or the full name of a commit";

    /// <inheritdoc cref="FindRepositoryProblem"/>
    public static string? FindDirectoryProblem(string text) =>
        text.StartsWith('/') || HasParent(text) ? "must be a path relative to the root of the repository, without .." : null;

    private static bool HasParent(string path) => path.Split('/').Contains("..", StringComparer.Ordinal);

    // git decodes file URLs, and would read another path than the one that was checked.
    private static bool IsEncodedFile(string text) => text.StartsWith(FileScheme, StringComparison.Ordinal) && text.Contains('%');

    private static bool HasCredentials(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.UserInfo.Length > 0 && address.Scheme is "http" or "https";

    [GeneratedRegex(
        @"^https://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(:[0-9]{1,5})?/[A-Za-z0-9._~/+%@-]+\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex HttpsRegex();

    [GeneratedRegex(
        @"^[^\s\p{C}~^:?*\[\\/.-][^\s\p{C}~^:?*\[\\]*(?<![/.])\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex ReferenceRegex();

    [GeneratedRegex(@"^[0-9a-f]{40}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommitRegex();

    [GeneratedRegex(@"^[0-9a-fA-F]{64}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sha256Regex();
}
