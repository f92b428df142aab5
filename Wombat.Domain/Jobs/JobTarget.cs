namespace Wombat.Domain.Jobs;

/// <summary>Whose work it is, for fairness and for order.</summary>
public sealed record JobTarget(Guid? ProjectId, Guid? ResourceId = null);
