namespace Wombat.Domain.Commands;

/// <summary>With what a run was requested. A repeated run has the same.</summary>
public sealed record RunInputs
{
    /// <summary>What the command was when the run was requested.</summary>
    public CommandSpec Spec { get; init; } = new();

    /// <summary>The values by the names of the parameters; of a secret the name with null.</summary>
    public IReadOnlyDictionary<string, string?> Parameters { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The ids of the hosts and resources that the values name, by the names of the parameters.</summary>
    public IReadOnlyDictionary<string, Guid> References { get; init; } = new Dictionary<string, Guid>(StringComparer.Ordinal);

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Where it runs; null for a folder of its own, which is removed afterwards.</summary>
    public string? Directory { get; init; }

    /// <summary>The repository of which it has a checkout, with the commit as soon as that is known; null for none.</summary>
    public GitSource? Source { get; init; }

    /// <summary>The host of SSH; null for a run on a machine of Wombat, and for one on several hosts.</summary>
    public Guid? SshHostId { get; init; }

    /// <summary>The hosts of a run on several, in this order; otherwise empty.</summary>
    public IReadOnlyList<RunHost> Hosts { get; init; } = [];
}
