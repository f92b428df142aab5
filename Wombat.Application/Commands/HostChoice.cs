namespace Wombat.Application.Commands;

/// <summary>On which of the hosts of its command a run executes.</summary>
/// <param name="Ids">These, in this order; empty for the only one of the command, or none.</param>
/// <param name="IsAll">All that the command has when the run is requested.</param>
public sealed record HostChoice(IReadOnlyList<Guid> Ids, bool IsAll);
