namespace Wombat.Infrastructure.Processes;

/// <summary>A program to run.</summary>
/// <param name="Program">An absolute path.</param>
/// <param name="Arguments">Handed over as they are; nothing interprets them.</param>
/// <param name="Timeout">After it the process group is killed.</param>
/// <param name="MaxOutputBytes">The bound of standard output where it is captured.</param>
/// <param name="OnErrorLine">Where output is captured, receives standard error line by line. While it waits, the program waits.</param>
public sealed record ChildCommand(
    string Program,
    IReadOnlyList<string> Arguments,
    TimeSpan Timeout,
    int MaxOutputBytes = 1024 * 1024,
    Func<string, CancellationToken, ValueTask>? OnErrorLine = null
)
{
    public string? WorkingDirectory { get; init; }

    /// <summary>Added to Wombat's own environment, of which its settings are left out.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the program reads from standard input; nothing where null.</summary>
    public Stream? Input { get; init; }

    /// <summary>The account that runs the program, which takes root to switch to; Wombat's own where null.</summary>
    public UnixUser? User { get; init; }
}
