namespace Wombat.Domain.Jobs;

/// <summary>The requester, for fair scheduling.</summary>
public sealed record JobTarget(Guid? ProjectId, Guid? ResourceId = null);
