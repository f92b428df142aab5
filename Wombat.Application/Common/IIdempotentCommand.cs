namespace Wombat.Application.Common;

/// <summary>A message that accepts an Idempotency-Key: a repeated request gets the first response and changes nothing.</summary>
public interface IIdempotentCommand;
