namespace Wombat.Application.Commands;

/// <summary>A program to run.</summary>
/// <param name="RunId">Names its control group and its folder.</param>
/// <param name="Arguments">The program and its arguments. No shell reads them.</param>
/// <param name="Directory">The working directory; null for a folder of the run that is removed afterwards.</param>
/// <param name="Environment">All its environment variables besides PATH, HOME, TMPDIR, LANG and those of Wombat.</param>
/// <param name="Timeout">The time after which it is ended.</param>
public sealed record RunCall(
    Guid RunId,
    IReadOnlyList<string> Arguments,
    string? Directory,
    IReadOnlyDictionary<string, string> Environment,
    TimeSpan Timeout
)
{
    /// <summary>The repository, at a commit, in whose checkout it runs; null for none. The directory is null then.</summary>
    public GitAccess? Repository { get; init; }

    // A record's default ToString would print the values of secrets.
    public override string ToString() => $"run {RunId}";
}
