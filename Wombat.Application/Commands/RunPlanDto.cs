namespace Wombat.Application.Commands;

/// <summary>What a run would execute. Nothing was started.</summary>
/// <param name="Arguments">The program and its arguments, exactly as they would be executed.</param>
/// <param name="Directory">The working directory; null for a folder of the run, or the home directory on a host of SSH.</param>
/// <param name="Environment">The environment variables by name, besides PATH, HOME, TMPDIR and LANG; *** for a secret.</param>
/// <param name="Host">The machine or the host of SSH that would run it; null for any machine of Wombat that has a worker.</param>
/// <param name="Account">The account that would run it, there or on the machine that answers.</param>
/// <param name="TimeoutSeconds">The time after which it would be ended.</param>
/// <param name="Objections">Why it would be refused or fail, or what cannot be guaranteed; empty if nothing is known.</param>
public sealed record RunPlanDto(
    IReadOnlyList<string> Arguments,
    string? Directory,
    IReadOnlyDictionary<string, string> Environment,
    string? Host,
    string Account,
    int TimeoutSeconds,
    IReadOnlyList<string> Objections
);
