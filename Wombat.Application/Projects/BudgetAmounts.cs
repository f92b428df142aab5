namespace Wombat.Application.Projects;

/// <summary>Amounts of what a project owns; null for no limit.</summary>
/// <param name="Cpu">Cores.</param>
/// <param name="Memory">MiB.</param>
/// <param name="Storage">MiB.</param>
/// <param name="Connections">Client connections of all databases.</param>
public sealed record BudgetAmounts(long? Databases, long? Containers, double? Cpu, long? Memory, long? Storage, long? Connections);
