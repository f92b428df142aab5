namespace Wombat.Application.Orphans;

/// <summary>The arguments of the job that deletes an orphan.</summary>
public sealed record OrphanRemoval(Guid Orphan);
