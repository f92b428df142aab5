namespace Wombat.Infrastructure.Commands;

/// <summary>Which of the references of a repository is meant by a name.</summary>
internal static class GitReferences
{
    private const string Head = "HEAD";

    /// <summary>The full names, the first that exists counts. Those of tags with a signature or message end with <c>^{}</c>.</summary>
    /// <param name="reference">Null for the default branch.</param>
    public static string[] NamesOf(string? reference) =>
        reference is null ? [Head]
        : reference.StartsWith("refs/", StringComparison.Ordinal) ? [$"{reference}^{{}}", reference]
        : [$"refs/heads/{reference}", $"refs/tags/{reference}^{{}}", $"refs/tags/{reference}"];

    /// <summary>Finds the commit in what git ls-remote prints, which also lists names that only end with one of these.</summary>
    /// <returns>Null if there is none.</returns>
    public static string? FindCommit(string output, string[] names)
    {
        var found = output
            .Split('\n')
            .Select(l => l.Split('\t'))
            .Where(l => l.Length == 2)
            .ToLookup(l => l[1], l => l[0], StringComparer.Ordinal);
        return names.SelectMany(n => found[n]).FirstOrDefault();
    }
}
