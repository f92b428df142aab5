namespace Wombat.Domain.Commands;

/// <summary>How the processes of a run ended.</summary>
public sealed record RunEnding
{
    /// <summary>How the processes were kept together, which is what proves that none is left.</summary>
    public Isolation Isolation { get; init; }

    /// <summary>The signals that Wombat sent, in this order.</summary>
    public IReadOnlyList<string> Signals { get; init; } = [];

    /// <summary>Whether it is certain that no process of the run is left.</summary>
    public bool Proven { get; init; }

    /// <summary>One sentence for users.</summary>
    public string Explanation { get; init; } = "";
}
