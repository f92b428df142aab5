namespace Wombat.Application.Common;

/// <summary>A message that creates or sets off something: sent again with the same Idempotency-Key it answers as the first time.</summary>
public interface IIdempotentCommand;
