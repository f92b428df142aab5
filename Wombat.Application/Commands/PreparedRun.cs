using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A run before it is requested.</summary>
/// <param name="Secrets">The values of its secret parameters, by name.</param>
/// <param name="Workspace">Null for a command without one.</param>
/// <param name="Host">The host of SSH; null for a command that runs on a machine of Wombat.</param>
internal sealed record PreparedRun(RunInputs Inputs, IReadOnlyDictionary<string, string> Secrets, Workspace? Workspace, SshHost? Host)
{
    /// <summary>Where it will run; null for any machine of Wombat.</summary>
    public string? HostName => Host?.Name ?? Workspace?.HostName;

    /// <summary>The schedule that requests it; null for none.</summary>
    public Guid? ScheduleId { get; init; }

    // A record's default ToString would print the secrets.
    public override string ToString() => nameof(PreparedRun);
}
