using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A run before it is requested.</summary>
/// <param name="Secrets">The values of its secret parameters, by name.</param>
/// <param name="Workspace">Null for a command without one.</param>
/// <param name="Hosts">The hosts of SSH; empty for a command that runs on a machine of Wombat.</param>
internal sealed record PreparedRun(
    RunInputs Inputs,
    IReadOnlyDictionary<string, string> Secrets,
    Workspace? Workspace,
    IReadOnlyList<SshHost> Hosts
)
{
    /// <summary>Where it will run; null for any machine of Wombat, and for several hosts.</summary>
    public string? HostName => Hosts is [var only] ? only.Name : Workspace?.HostName;

    /// <summary>The schedule that requests it; null for none.</summary>
    public Guid? ScheduleId { get; init; }

    // A record's default ToString would print the secrets.
    public override string ToString() => nameof(PreparedRun);
}
