namespace Wombat.Application.Commands;

/// <summary>What a run would execute. Nothing was started.</summary>
/// <param name="Arguments">The program and its arguments, exactly as they would be executed.</param>
/// <param name="Directory">The working directory; null for a folder of the run, or the home directory on a host of SSH.</param>
/// <param name="Environment">The environment variables by name, besides PATH, HOME, TMPDIR and LANG; *** for a secret.</param>
/// <param name="Places">Where it would run: one machine, or the hosts in their order.</param>
/// <param name="TimeoutSeconds">The time after which it would be ended.</param>
/// <param name="Objections">Why it would be refused or fail, or what cannot be guaranteed; empty if nothing is known.</param>
/// <param name="Source">The git repository, with the commit that its reference has now; null for none.</param>
public sealed record RunPlanDto(
    IReadOnlyList<string> Arguments,
    string? Directory,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<RunPlaceDto> Places,
    int TimeoutSeconds,
    IReadOnlyList<string> Objections,
    RunSourceDto? Source
);
