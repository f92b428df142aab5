using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A run before it is requested.</summary>
/// <param name="Secrets">The values of its secret parameters, by name.</param>
/// <param name="Workspace">Null for a command without one.</param>
internal sealed record PreparedRun(RunInputs Inputs, IReadOnlyDictionary<string, string> Secrets, Workspace? Workspace)
{
    // A record's default ToString would print the secrets.
    public override string ToString() => nameof(PreparedRun);
}
