namespace Wombat.Infrastructure.Processes;

/// <summary>A program to run.</summary>
/// <param name="Program">An absolute path.</param>
/// <param name="Arguments">Passed on unchanged, without a shell.</param>
/// <param name="Timeout">The time after which the process group is killed.</param>
/// <param name="MaxOutputBytes">The limit of captured standard output.</param>
/// <param name="OnErrorLine">Receives standard error line by line when output is captured. The program waits while it waits.</param>
public sealed record ChildCommand(
    string Program,
    IReadOnlyList<string> Arguments,
    TimeSpan Timeout,
    int MaxOutputBytes = 1024 * 1024,
    Func<string, CancellationToken, ValueTask>? OnErrorLine = null
)
{
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables besides Wombat's own environment, which is passed on without Wombat's settings.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Standard input of the program; empty if null.</summary>
    public Stream? Input { get; init; }

    /// <summary>Whether the program gets only <see cref="Environment"/>, and nothing of Wombat's own environment.</summary>
    public bool HasCleanEnvironment { get; init; }

    /// <summary>The time between SIGTERM and SIGKILL when the program is ended.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Receives how the processes ended; called once, before the call returns.</summary>
    public Action<GroupEnd>? OnEnd { get; init; }

    /// <summary>The account that runs the program; Wombat's own if null. Switching accounts requires root.</summary>
    public UnixUser? User { get; init; }
}
