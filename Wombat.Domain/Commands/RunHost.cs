namespace Wombat.Domain.Commands;

/// <summary>A host of SSH on which a run was requested.</summary>
/// <param name="Name">Its name at that time.</param>
public sealed record RunHost(Guid Id, string Name);
